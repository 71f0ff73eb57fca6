/* Shared memory of a thread and its watchdog: a count of turns, odd while one lasts, and the number of the run at work. */

const TURN = 0;
const RUN = 1;
const WORDS = 2;

/** Allocates a heartbeat. */
export function createHeartbeat(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** The thread's side: tells when workflow code runs. */
export class HeartbeatWriter {
  readonly #words: Int32Array;
  #depth = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Runs `code` as one turn of run number `run`; a turn within a turn is part of the outer one. */
  turn<T>(run: number, code: () => T): T {
    if (this.#depth > 0) return code();
    this.#depth += 1;
    Atomics.store(this.#words, RUN, run);
    Atomics.add(this.#words, TURN, 1);
    try {
      return code();
    } finally {
      Atomics.add(this.#words, TURN, 1);
      this.#depth -= 1;
    }
  }
}

/** What a watchdog sees of a thread. */
export interface Beat {
  readonly turn: number;
  readonly isBusy: boolean;
  readonly run: number;
}

/** The watchdog's side. */
export function readBeat(memory: SharedArrayBuffer): Beat {
  const words = new Int32Array(memory);
  const turn = Atomics.load(words, TURN);
  return { turn, isBusy: (turn & 1) === 1, run: Atomics.load(words, RUN) };
}
