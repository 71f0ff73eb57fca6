/** A metric as a Prometheus page tells of it, without its figures. */
export interface MetricShape {
  readonly kind: string;
  /** Names of tags, by series: `a b c`. */
  readonly tags: ReadonlySet<string>;
  /** Values of tags whose values are the SDK's own, as `tag=value`. */
  readonly values: ReadonlySet<string>;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets: ReadonlySet<string>;
}

/** Tags whose values name what the program under test is called, or where it works. */
const OPEN_TAGS = new Set(["namespace", "task_queue", "workflow_type", "activity_type", "service_name", "le"]);

/** Reads a page. */
export function readMetricsPage(page: string): Map<string, MetricShape> {
  const shapes = new Map<string, { kind: string; tags: Set<string>; values: Set<string>; buckets: Set<string> }>();
  for (const line of page.split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type !== null) {
      shapes.set(type[1] ?? "", { kind: type[2] ?? "", tags: new Set(), values: new Set(), buckets: new Set() });
      continue;
    }
    const series = /^([\w:]+)(?:\{(.*)\})? \S+$/.exec(line);
    if (series === null) continue;
    const [, name = "", labels = ""] = series;
    const shape = shapes.get(name) ?? shapes.get(name.replace(/_(bucket|sum|count)$/, ""));
    if (shape === undefined) throw new Error(`Metrics page has a series without a type: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, tag = "", value = ""]) => ({
      tag,
      value,
    }));
    shape.tags.add(
      pairs
        .map(({ tag }) => tag)
        .filter((tag) => tag !== "le")
        .toSorted()
        .join(" "),
    );
    for (const { tag, value } of pairs) {
      if (tag === "le") shape.buckets.add(value);
      else if (!OPEN_TAGS.has(tag)) shape.values.add(`${tag}=${value}`);
    }
  }
  return shapes;
}

/** What differs, one line each: `official` says what the first page has and the second lacks. */
export function compareMetrics(
  official: ReadonlyMap<string, MetricShape>,
  own: ReadonlyMap<string, MetricShape>,
): string[] {
  const lines: string[] = [];
  for (const name of new Set([...official.keys(), ...own.keys()])) {
    const [one, other] = [official.get(name), own.get(name)];
    if (one === undefined || other === undefined) {
      lines.push(`${one === undefined ? "own" : "official"}: ${name}`);
      continue;
    }
    if (one.kind !== other.kind) lines.push(`${name}: official ${one.kind}, own ${other.kind}`);
    for (const part of ["tags", "values", "buckets"] as const) {
      for (const value of one[part]) if (!other[part].has(value)) lines.push(`official: ${name}: ${part}: ${value}`);
      for (const value of other[part]) if (!one[part].has(value)) lines.push(`own: ${name}: ${part}: ${value}`);
    }
  }
  return lines.toSorted();
}
