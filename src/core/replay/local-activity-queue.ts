import type { Failure } from "../../proto/gen/failure.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { ScheduledActivity } from "./activation.ts";
import type { RecordedLocalActivity } from "./markers.ts";
import { SparseMap } from "./sparse-map.ts";

/** A local activity that the worker has to run. */
export interface LocalActivityRequest {
  readonly seq: number;
  readonly activity: ScheduledActivity;
  readonly attempt: number;
  /** Absent on a first attempt: then it is the time at which the worker takes the request. Milliseconds since the epoch. */
  readonly originalScheduleTimeMs: number | undefined;
  /** A retry that would wait longer than this is a timer of the workflow's: answer `backoffMs`. */
  readonly localRetryThresholdMs: number | undefined;
}

/** What came of a local activity. Times in milliseconds. */
export interface LocalActivityResult {
  readonly seq: number;
  readonly outcome:
    | { readonly status: "completed"; readonly result?: Payload | undefined }
    | { readonly status: "failed" | "cancelled" | "timedOut"; readonly failure: Failure };
  readonly attempt: number;
  /** How long the last attempt ran; workflow time moves on by it. */
  readonly runtimeMs: number;
  /** Set if the next attempt has to wait for a timer of the workflow's. */
  readonly backoffMs?: number | undefined;
  readonly originalScheduleTimeMs?: number | undefined;
}

/** Which local activities the worker has to begin and to stop. */
export interface LocalActivityWork {
  readonly start: readonly LocalActivityRequest[];
  readonly cancel: readonly number[];
}

/**
 * Local activities of one run that wait to be run, are running, or have ended without the code having heard of it: their
 * results are from the worker, or in replay from markers seen ahead of time.
 */
export class LocalActivityQueue {
  #requests: LocalActivityRequest[] = [];
  #cancels: number[] = [];
  #results: LocalActivityResult[] = [];
  readonly #running = new SparseMap<number, true>();
  readonly #recorded = new SparseMap<number, RecordedLocalActivity>();
  #isClosed = false;

  /** How many the workflow task has to wait for. */
  get outstanding(): number {
    return this.#isClosed ? 0 : this.#requests.length + this.#running.size;
  }

  request(request: LocalActivityRequest): void {
    this.#requests.push(request);
  }

  /** Takes back a request that the worker has not seen. */
  withdraw(seq: number): LocalActivityRequest | undefined {
    const at = this.#requests.findIndex((request) => request.seq === seq);
    return at < 0 ? undefined : this.#requests.splice(at, 1)[0];
  }

  requestCancel(seq: number): void {
    if (this.#running.has(seq)) this.#cancels.push(seq);
  }

  /** The workflow no longer waits for it. */
  forget(seq: number): void {
    this.withdraw(seq);
    this.#running.delete(seq);
  }

  /** The workflow has ended: nothing more is begun, what runs is stopped. */
  close(): void {
    this.#isClosed = true;
    this.#requests = [];
    this.#results = [];
    this.#cancels = [...this.#running.keys()];
  }

  /** What the worker has to do since it last asked. */
  take(): LocalActivityWork {
    const work = { start: this.#requests, cancel: this.#cancels };
    for (const { seq } of this.#requests) this.#running.set(seq, true);
    if (this.#isClosed) this.#running.clear();
    this.#requests = [];
    this.#cancels = [];
    return work;
  }

  /** Results not yet taken. */
  get hasResults(): boolean {
    return this.#results.length > 0;
  }

  keepResult(result: LocalActivityResult): void {
    this.forget(result.seq);
    if (!this.#isClosed) this.#results.push(result);
  }

  /** The result that came first. */
  takeResult(): LocalActivityResult | undefined {
    return this.#results.shift();
  }

  keepRecorded(recorded: RecordedLocalActivity): void {
    this.#recorded.set(recorded.marker.seq, recorded);
  }

  /** Numbers of the activities whose markers have been seen, in the order of the markers. */
  get recordedSeqs(): Iterable<number> {
    return this.#recorded.keys();
  }

  takeRecorded(seq: number): RecordedLocalActivity | undefined {
    const recorded = this.#recorded.get(seq);
    this.#recorded.delete(seq);
    return recorded;
  }
}
