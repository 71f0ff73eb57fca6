const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Reads a duration as Go writes it, such as `1h30m` or `1.5s`, in milliseconds; undefined if it is none. */
export function parseGoDuration(text: string): number | undefined {
  const [, sign, body] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === undefined || body === "") return undefined;
  if (body === "0") return 0;
  let totalMs = 0;
  let rest = body;
  while (rest !== "") {
    const part = /^(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/.exec(rest);
    if (part === null) return undefined;
    totalMs += Number(part[1]) * (UNITS_MS[part[2] ?? ""] ?? 0);
    rest = rest.slice(part[0].length);
  }
  return sign === "-" ? -totalMs : totalMs;
}
