const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a duration as filters have it: nanoseconds, "1h30m" with units from ns to d, or "hh:mm:ss".
 *
 * @returns Milliseconds; `undefined` if it is none of these.
 */
export function parseFilterDuration(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number(text) / 1e6;
  return parseUnits(text) ?? parseClock(text);
}

function parseUnits(text: string): number | undefined {
  const whole = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+|0)$/.exec(text);
  if (whole === null) return undefined;
  let totalMs = 0;
  for (const [, number, unit] of (whole[2] ?? "").matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    totalMs += Number(number) * (unitsMs[unit ?? ""] ?? 0);
  }
  return whole[1] === "-" ? -totalMs : totalMs;
}

function parseClock(text: string): number | undefined {
  const parts = /^(\d+):(\d+):(\d+)/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  if (minutes > 59 || seconds > 59) return undefined;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}
