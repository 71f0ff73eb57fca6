/** Header by which a caller says how long it waits for the answer to a request. */
export const REQUEST_TIMEOUT_HEADER = "request-timeout";

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Reads a time such as "10s" or "9.5ms" in milliseconds; `undefined` if it is none. */
export function readRequestTimeoutMs(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim()) ?? [];
  const unitMs = unitsMs[unit];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

/** Headers with names as HTTP compares them: in lower case. */
export function normalizeHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
