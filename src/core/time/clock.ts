/** Undoes one {@link Clock.schedule}. Safe to call after it fired. */
export type CancelTimer = () => void;

/**
 * The one source of time in server and worker.
 *
 * The host clock reads the system's; a virtual clock moves only when told, so that a test of a year takes milliseconds.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; may have a fraction. */
  now(): number;
  /** Calls `fire` once, not before `atMs` (milliseconds since the epoch; in the past means as soon as possible, but never synchronously). */
  schedule(atMs: number, fire: () => void): CancelTimer;
}
