/** A wait that grows from try to try. */
export interface Backoff {
  /** First wait, in milliseconds. */
  readonly initialIntervalMs: number;
  /** What the wait is multiplied with after each try. */
  readonly multiplier: number;
  /** Longest wait, in milliseconds. */
  readonly maxIntervalMs: number;
  /** Share of the wait by which chance makes it longer or shorter, so that clients do not come in step. */
  readonly randomizationFactor: number;
}

/**
 * Time to wait after the `failures`th failure in a row, in milliseconds.
 *
 * @param random A number of at least 0 and less than 1.
 */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const steps = Math.max(0, failures - 1);
  const interval = Math.min(backoff.maxIntervalMs, backoff.initialIntervalMs * backoff.multiplier ** steps);
  return interval * (1 + backoff.randomizationFactor * (2 * random - 1));
}
