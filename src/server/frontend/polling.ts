import { WorkerVersionCapabilities } from "../../proto/gen/common.ts";
import { WorkerDeploymentOptions } from "../../proto/gen/deployment.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import type { Poll } from "../matching/task-queue.ts";
import type { Services } from "../services.ts";

// A poll is answered empty this long before its caller gives up, so that the answer gets there in time.
const TASK_TAIL_MS = 1_000;
const HISTORY_TAIL_MS = 50;

/** When a poll for history ends empty, in milliseconds since the epoch. */
export function historyPollUntilMs(services: Services, call: IncomingCall): number {
  return untilMs(services, call, services.settings.historyPollMs, HISTORY_TAIL_MS);
}

/** When a poll for a standalone execution ends empty, in milliseconds since the epoch. */
export function executionPollUntilMs(services: Services, call: IncomingCall): number {
  return untilMs(services, call, services.settings.activityPollMs, TASK_TAIL_MS);
}

function untilMs({ clock }: Services, { timeoutMs }: IncomingCall, waitMs: number, tailMs: number): number {
  const allowedMs = timeoutMs === undefined ? waitMs : Math.max(0, Math.min(waitMs, timeoutMs - tailMs));
  return clock.now() + allowedMs;
}

/** What a worker's poll request says of the worker. */
export interface PollingWorker {
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly ratePerSecond?: number | undefined;
  readonly deploymentOptions?: WorkerDeploymentOptions | undefined;
  readonly workerVersionCapabilities?: WorkerVersionCapabilities | undefined;
}

/** A worker's call as a poll of a task queue. */
export function toPoll(services: Services, call: IncomingCall, worker: PollingWorker): Poll {
  return {
    identity: worker.identity,
    workerInstanceKey: worker.workerInstanceKey,
    ratePerSecond: worker.ratePerSecond,
    deploymentOptions:
      worker.deploymentOptions === undefined ? undefined : WorkerDeploymentOptions.encode(worker.deploymentOptions),
    versionCapabilities:
      worker.workerVersionCapabilities === undefined
        ? undefined
        : WorkerVersionCapabilities.encode(worker.workerVersionCapabilities),
    untilMs: untilMs(services, call, services.settings.taskPollMs, TASK_TAIL_MS),
    signal: call.signal,
  };
}

/** A poll whose answer says by how many polls the worker should have more or less, as far as the queue has a word on that. */
export interface ScaledPoll {
  readonly onScaling: (pollsDelta: number) => void;
  /** The answer with that word; the field has the same meaning in every answer of its type. */
  readonly withScaling: (answer: Uint8Array) => Uint8Array;
}

/** Hears what a queue suggests to a poll whose answers are of a type. */
export function scaledPoll(type: {
  encode(init: { readonly pollerScalingDecision: { readonly pollRequestDeltaSuggestion: number } }): Uint8Array;
}): ScaledPoll {
  let suggestion: number | undefined;
  return {
    onScaling: (pollsDelta) => {
      suggestion = pollsDelta;
    },
    withScaling: (answer) =>
      suggestion === undefined
        ? answer
        : // Messages of one type that follow each other are one.
          Buffer.concat([answer, type.encode({ pollerScalingDecision: { pollRequestDeltaSuggestion: suggestion } })]),
  };
}
