import type { MetricAttributes } from "./metric-meter.ts";
import type { MetricFamily } from "./metric-registry.ts";

/** How metrics are written for Prometheus. */
export interface PrometheusTextOptions {
  /** Ends names of counters in `_total`. @default false */
  readonly countersTotalSuffix?: boolean;
  /** Ends names in their unit, as `_milliseconds`. @default false */
  readonly unitSuffix?: boolean;
}

/** Content type of {@link writePrometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const unitNames: Readonly<Record<string, string>> = { ms: "milliseconds", s: "seconds", By: "bytes", "%": "percent" };

/** Writes metrics in Prometheus' text format. */
export function writePrometheusText(families: readonly MetricFamily[], options: PrometheusTextOptions = {}): string {
  return families.map((family) => writeFamily(family, options)).join("");
}

function writeFamily(family: MetricFamily, options: PrometheusTextOptions): string {
  if (family.series.size === 0) return "";
  const name = nameOf(family, options);
  const lines: string[] = [];
  if (family.description !== undefined) lines.push(`# HELP ${name} ${escapeHelp(family.description)}`);
  lines.push(`# TYPE ${name} ${family.kind}`);
  for (const { attributes, value, count, buckets } of family.series.values()) {
    const labels = labelsOf(attributes);
    if (family.kind !== "histogram") {
      lines.push(`${name}${inBraces(labels)} ${value}`);
      continue;
    }
    let below = 0;
    family.bounds.forEach((bound, index) => {
      below += buckets[index] ?? 0;
      lines.push(`${name}_bucket${inBraces([...labels, `le="${bound}"`])} ${below}`);
    });
    lines.push(`${name}_bucket${inBraces([...labels, `le="+Inf"`])} ${count}`);
    lines.push(`${name}_sum${inBraces(labels)} ${value}`, `${name}_count${inBraces(labels)} ${count}`);
  }
  return `${lines.join("\n")}\n`;
}

function nameOf({ name, unit, kind }: MetricFamily, options: PrometheusTextOptions): string {
  let full = name.replace(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d)/, "_");
  if (options.unitSuffix === true && unit !== undefined && unit !== "") {
    full += `_${(unitNames[unit] ?? unit).replace(/[^a-zA-Z0-9_:]/g, "_")}`;
  }
  return options.countersTotalSuffix === true && kind === "counter" ? `${full}_total` : full;
}

function labelsOf(attributes: MetricAttributes): string[] {
  return Object.entries(attributes).map(
    ([name, value]) => `${name.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d)/, "_")}="${escapeLabel(String(value))}"`,
  );
}

function inBraces(labels: readonly string[]): string {
  return labels.length === 0 ? "" : `{${labels.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
