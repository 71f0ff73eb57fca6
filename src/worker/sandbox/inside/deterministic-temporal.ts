/** What is used of `Temporal`, which newer engines have. */
interface TemporalNamespace {
  readonly Now: object;
  readonly Instant: { fromEpochMilliseconds(ms: number): TemporalInstant };
}

interface TemporalInstant {
  toZonedDateTimeISO(zone: unknown): {
    toPlainDateTime(): unknown;
    toPlainDate(): unknown;
    toPlainTime(): unknown;
  };
}

const ZONE = "UTC";

/** Makes `Temporal.Now` tell the workflow's time in the workflow's zone; nothing where the engine has no `Temporal`. */
export function installTemporal(now: () => number): void {
  const temporal = Reflect.get(globalThis, "Temporal") as TemporalNamespace | undefined;
  if (temporal === undefined) return;
  const instant = (): TemporalInstant => temporal.Instant.fromEpochMilliseconds(now());
  const zoned = (zone: unknown = ZONE): ReturnType<TemporalInstant["toZonedDateTimeISO"]> =>
    instant().toZonedDateTimeISO(zone);
  const functions = {
    instant,
    timeZoneId: () => ZONE,
    zonedDateTimeISO: zoned,
    plainDateTimeISO: (zone?: unknown) => zoned(zone).toPlainDateTime(),
    plainDateISO: (zone?: unknown) => zoned(zone).toPlainDate(),
    plainTimeISO: (zone?: unknown) => zoned(zone).toPlainTime(),
  };
  for (const [name, value] of Object.entries(functions))
    Object.defineProperty(temporal.Now, name, { value, writable: true, enumerable: false, configurable: true });
}
