import type { IncomingCall } from "../../rpc/transport.ts";
import type { Poll } from "../matching/task-queue.ts";
import type { Services } from "../services.ts";

// A poll is answered empty this long before its caller gives up, so that the answer gets there in time.
const TAIL_MS = 1_000;

/** When a long poll that waits at most `waitMs` ends empty, in milliseconds since the epoch. */
export function pollUntilMs({ clock }: Services, { timeoutMs }: IncomingCall, waitMs: number): number {
  const allowedMs = timeoutMs === undefined ? waitMs : Math.max(0, Math.min(waitMs, timeoutMs - TAIL_MS));
  return clock.now() + allowedMs;
}

/** What a worker's poll request says of the worker. */
export interface PollingWorker {
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly ratePerSecond?: number | undefined;
  readonly deploymentOptions?: Uint8Array | undefined;
}

/** A worker's call as a poll of a task queue. */
export function toPoll(services: Services, call: IncomingCall, worker: PollingWorker): Poll {
  return {
    identity: worker.identity,
    workerInstanceKey: worker.workerInstanceKey,
    ratePerSecond: worker.ratePerSecond,
    deploymentOptions: worker.deploymentOptions,
    untilMs: pollUntilMs(services, call, services.settings.taskPollMs),
    signal: call.signal,
  };
}
