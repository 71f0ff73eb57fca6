// Units of the "grpc-timeout" header, in milliseconds.
const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

// The header's number has at most eight digits, so longer times need coarser units.
const DIGITS_VALUE_MAX = 99_999_999;

/** Writes a timeout as the value of a `grpc-timeout` header, rounded up. */
export function formatTimeout(timeoutMs: number): string {
  for (const unit of ["m", "S", "M"]) {
    const value = Math.max(1, Math.ceil(timeoutMs / (unitMs[unit] ?? 1)));
    if (value <= DIGITS_VALUE_MAX) return `${value}${unit}`;
  }
  return `${Math.min(DIGITS_VALUE_MAX, Math.ceil(timeoutMs / 3_600_000))}H`;
}

/** Reads a `grpc-timeout` header as milliseconds, which may have a fraction. `undefined` means that it is malformed. */
export function parseTimeout(header: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  if (match === null) return undefined;
  const unit = unitMs[match[2] ?? ""];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}
