import type { Beat } from "./heartbeat.ts";

/** Tells from looks at a thread's heartbeat whether one turn has lasted too long. */
export class StuckDetector {
  readonly #limitMs: number;
  readonly #elapsedMsMax: number;
  #turn: number | undefined;
  #busyMs = 0;

  /**
   * @param limitMs How long a turn may last.
   * @param elapsedMsMax The most that one look counts: when the watcher itself was held up, the time since the look
   *   before says nothing about the thread.
   */
  constructor(limitMs: number, elapsedMsMax: number) {
    this.#limitMs = limitMs;
    this.#elapsedMsMax = elapsedMsMax;
  }

  /** One look, so long after the look before. True if the thread is stuck. */
  look(beat: Beat, elapsedMs: number): boolean {
    if (!beat.isBusy) {
      this.#turn = undefined;
      return false;
    }
    if (beat.turn !== this.#turn) {
      this.#turn = beat.turn;
      this.#busyMs = 0;
      return false;
    }
    this.#busyMs += Math.min(elapsedMs, this.#elapsedMsMax);
    return this.#busyMs >= this.#limitMs;
  }
}
