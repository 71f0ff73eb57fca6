import { parseGoDuration } from "../../core/schedule/go-duration.ts";
import type { CancelTimer, Clock } from "../../core/time/clock.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { HandlerError, Request, Response } from "../../proto/gen/nexus.ts";
import type { Matching } from "../matching/matching.ts";
import { NO_WORKFLOW, PRIORITY_DEFAULT } from "../matching/task.ts";

const REQUEST_TIMEOUT_HEADER = "request-timeout";
const OPERATION_TIMEOUT_HEADER = "operation-timeout";

/** What a worker has made of a request. */
export type WorkerAnswer =
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** As workers answered before failures were understood everywhere. */
  | { readonly kind: "handlerError"; readonly error: HandlerError }
  | { readonly kind: "timedOut" };

/** The workers that serve an endpoint. */
export interface WorkerTarget {
  readonly namespaceId: string;
  readonly taskQueue: string;
}

interface PendingRequest {
  readonly target: WorkerTarget;
  readonly request: Request;
  readonly untilMs: number;
  readonly operationUntilMs: number | undefined;
  readonly answer: (answer: WorkerAnswer) => void;
  readonly cancelTimer: CancelTimer;
}

/**
 * Requests that wait for a worker, or with one.
 *
 * They live in memory only: whoever sends one sends it again when there is no answer, and after a crash.
 */
export class NexusRequests {
  readonly #matching: Matching;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #pending = new Map<string, PendingRequest>();

  constructor(matching: Matching, clock: Clock, newId: () => string) {
    this.#matching = matching;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Offers a request to the workers of a target and waits for the answer of the one that takes it, until an instant. */
  send(target: WorkerTarget, request: Request, untilMs: number): Promise<WorkerAnswer> {
    const id = this.#newId();
    const nowMs = this.#clock.now();
    const operationMs = parseGoDuration(request.header[OPERATION_TIMEOUT_HEADER] ?? "");
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.schedule(untilMs, () => {
        this.#withdraw(id, target);
        resolve({ kind: "timedOut" });
      });
      this.#pending.set(id, {
        target,
        request,
        untilMs,
        operationUntilMs: operationMs === undefined ? undefined : nowMs + operationMs,
        answer: resolve,
        cancelTimer,
      });
      const address = { namespaceId: target.namespaceId, type: "nexus", name: target.taskQueue } as const;
      this.#matching.offer(address, {
        kind: "nexus",
        id,
        priority: PRIORITY_DEFAULT,
        offeredMs: nowMs,
        directive: NO_WORKFLOW,
      });
    });
  }

  /** The request as a worker gets it; undefined if nobody waits for its answer any more. */
  take(id: string): Request | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    const { request, untilMs, operationUntilMs } = pending;
    const leftMs = untilMs - this.#clock.now();
    const timeout = `${leftMs / 1_000}s`;
    const header: Record<string, string> = {
      ...request.header,
      [REQUEST_TIMEOUT_HEADER]: timeout,
      "Request-Timeout": timeout,
    };
    if (operationUntilMs !== undefined) {
      header[OPERATION_TIMEOUT_HEADER] = `${Math.trunc(operationUntilMs - this.#clock.now())}ms`;
    }
    return { ...request, header };
  }

  /** Passes a worker's answer on; answers whether anybody waits for it. */
  answer(id: string, answer: WorkerAnswer): boolean {
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    this.#pending.delete(id);
    pending.cancelTimer();
    pending.answer(answer);
    return true;
  }

  /** Gives up waiting without any answer, as the server stops: what is unanswered is sent again by the next one. */
  close(): void {
    for (const { cancelTimer } of this.#pending.values()) cancelTimer();
    this.#pending.clear();
  }

  #withdraw(id: string, { namespaceId, taskQueue }: WorkerTarget): void {
    this.#pending.delete(id);
    for (const queue of this.#matching.all({ namespaceId, type: "nexus", name: taskQueue }))
      queue.backlog.extract((task) => task.kind === "nexus" && task.id === id);
  }
}
