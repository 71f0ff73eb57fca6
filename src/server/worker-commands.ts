import { toTimestamp } from "../core/execution/duration.ts";
import type { Logger } from "../core/telemetry/logger.ts";
import { utf8Bytes } from "../core/text/utf8.ts";
import type { Clock } from "../core/time/clock.ts";
import { Request } from "../proto/gen/nexus.ts";
import { ExecuteCommandsRequest } from "../proto/gen/nexusservices/workerservice.ts";
import type { Run } from "./history/run.ts";
import type { NexusRequests } from "./nexus/nexus-requests.ts";
import type { Settings } from "./settings.ts";
import type { RunKey } from "./store/store.ts";

const SERVICE = "temporal.api.nexusservices.workerservice.v1.WorkerService";
const OPERATION = "ExecuteCommands";
const ATTEMPTS_MAX = 3;
const ANSWER_MS = 10_000;
// Of those whose activities' workers take commands; of the one that waits longest, only heartbeats tell.
const RUNS_MAX = 10_000;

const protobuf = { encoding: utf8Bytes("binary/protobuf") };

/** An attempt of an activity, and the queue from which the worker that has it takes commands. */
interface HeldAttempt {
  readonly attempt: number;
  readonly taskToken: Uint8Array;
  readonly controlQueue: string;
}

/** What sending commands takes. */
export interface WorkerCommandParts {
  readonly nexusRequests: NexusRequests;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Pick<Settings, "cancelActivityCommands">;
}

/**
 * Tells workers of activities that are to be cancelled, by the queue that each names for commands, so that activities
 * without heartbeats learn of it.
 *
 * As in the service nothing depends on a command: after a restart, activities learn of it as they always did.
 */
export class WorkerCommands {
  readonly #parts: WorkerCommandParts;
  readonly #held = new Map<RunKey, Map<number, HeldAttempt>>();

  constructor(parts: WorkerCommandParts) {
    this.#parts = parts;
  }

  /** Notes who has an attempt of an activity; workers without such a queue name none. */
  note(run: Run, scheduledEventId: number, held: HeldAttempt): void {
    if (!this.#parts.settings.cancelActivityCommands || held.controlQueue === "") return;
    const ofRun = this.#held.get(run.key) ?? new Map<number, HeldAttempt>();
    for (const id of ofRun.keys()) if (!run.state.activities.has(id)) ofRun.delete(id);
    ofRun.set(scheduledEventId, held);
    this.#held.delete(run.key);
    this.#held.set(run.key, ofRun);
    const [oldest] = this.#held.keys();
    if (this.#held.size > RUNS_MAX && oldest !== undefined) this.#held.delete(oldest);
  }

  /** Tells the workers of those activities whose cancellation a run has asked for. */
  tellCancelled(run: Run): void {
    this.#cancel(run, (id) => run.state.activities.get(id)?.cancelRequestedEventId !== 0);
  }

  /** Whether workers have activities of a run, and take commands. */
  concerns(run: Run): boolean {
    return this.#held.has(run.key);
  }

  /** Tells the workers of all activities that a run has left behind as it ended. */
  tellClosed(run: Run): void {
    this.#cancel(run, () => true);
    this.#held.delete(run.key);
  }

  #cancel(run: Run, isMeant: (scheduledEventId: number) => boolean): void {
    const ofRun = this.#held.get(run.key);
    if (ofRun === undefined) return;
    const tokens = new Map<string, Uint8Array[]>();
    for (const [id, { attempt, taskToken, controlQueue }] of ofRun) {
      const activity = run.state.activities.get(id);
      if (activity?.phase !== "started" || activity.attempt !== attempt || !isMeant(id)) continue;
      ofRun.delete(id);
      tokens.set(controlQueue, [...(tokens.get(controlQueue) ?? []), taskToken]);
    }
    for (const [controlQueue, taskTokens] of tokens) void this.#send(run, controlQueue, taskTokens);
  }

  async #send({ namespaceId }: Run, controlQueue: string, taskTokens: readonly Uint8Array[]): Promise<void> {
    const { nexusRequests, clock, logger } = this.#parts;
    const commands = taskTokens.map((taskToken) => ({
      type: { case: "cancelActivity" as const, value: { taskToken } },
    }));
    const payload = { metadata: protobuf, data: ExecuteCommandsRequest.encode({ commands }) };
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const nowMs = clock.now();
      const request = Request.create({
        scheduledTime: toTimestamp(nowMs),
        variant: { case: "startOperation", value: { service: SERVICE, operation: OPERATION, payload } },
      });
      // Each attempt waits for the one before it.
      const answer = await nexusRequests.send({ namespaceId, taskQueue: controlQueue }, request, nowMs + ANSWER_MS);
      if (answer.kind === "response") return;
      logger.warn("a worker took no command", { queue: controlQueue, attempt, reason: answer.kind });
      // A worker that fails what it must be able to do fails it again.
      if (answer.kind === "failure") return;
    }
  }
}
