import { decodeNexusExecution, encodeNexusExecution } from "../../core/nexus-execution/snapshot.ts";
import { isNexusClosed, newNexusExecution, type NexusExecutionState } from "../../core/nexus-execution/state.ts";
import { nexusDeadlineMs, stepNexusExecution, type NexusExecutionRequest } from "../../core/nexus-execution/step.ts";
import { notFound } from "../../core/execution/execution-error.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { NexusOperationIdConflictPolicy, NexusOperationIdReusePolicy } from "../../proto/gen/enums.ts";
import { StartNexusOperationExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { nexusOperationAlreadyStarted } from "../failures.ts";
import type { Outcome } from "../history/engine.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { StandaloneCompletionTarget } from "../nexus/callback-token.ts";
import type { OperationCompletion } from "../nexus/completions.ts";
import type { RetryIntervals } from "../nexus/nexus-settings.ts";
import { LiveExecutions, type LiveExecution, type LiveExecutionsParts } from "../standalone/live-executions.ts";
import type { RunKey, StoredRun } from "../store/store.ts";
import { toNexusExecutionRow } from "./nexus-execution-row.ts";

/** A standalone Nexus operation in memory. */
export type LiveNexusExecution = LiveExecution<NexusExecutionState>;

/** An attempt to make: to start an operation or to cancel it. Void when the operation has moved on. */
export interface NexusAttempt {
  readonly of: "start" | "cancel";
  readonly attempt: number;
}

/** What standalone Nexus operations are made of. */
export interface NexusExecutionsParts extends LiveExecutionsParts {
  readonly logger: Logger;
  readonly retry: RetryIntervals;
  /** Makes a fresh UUID. */
  readonly newId: () => string;
  /** Makes an attempt. Called when its state has been handed to the store. */
  readonly carryOut: (key: RunKey, attempt: NexusAttempt) => void;
}

/** What became of a start. */
export interface StartedNexusExecution {
  readonly runId: string;
  /** Whether it made an operation; otherwise it found the one there was. */
  readonly started: boolean;
}

/** All standalone Nexus operations of a server: the only writer of their state. */
export class NexusExecutions {
  readonly #parts: NexusExecutionsParts;
  readonly #live: LiveExecutions<NexusExecutionState>;
  #adopted: RunKey[] = [];

  constructor(parts: NexusExecutionsParts) {
    this.#parts = parts;
    this.#live = new LiveExecutions(
      parts,
      {
        division: "nexusOperation",
        encode: encodeNexusExecution,
        decode: decodeNexusExecution,
        isClosed: isNexusClosed,
        deadlineMs: nexusDeadlineMs,
        toRow: toNexusExecutionRow,
      },
      { onDue: (operation) => this.#tick(operation), onChanged: () => undefined },
    );
  }

  /** When an operation next needs time to have passed, in milliseconds since the epoch; `undefined` if none does. */
  get nextDeadlineMs(): number | undefined {
    return this.#live.nextDeadlineMs;
  }

  /** Takes up an open operation at the start; what it waits for is asked again by {@link open}. */
  adopt(stored: StoredRun): void {
    this.#live.adopt(stored);
    this.#adopted.push(stored.key);
  }

  /** Makes the attempts that were on their way when the server stopped. Call once, when everything else is there. */
  open(): void {
    for (const key of this.#adopted) {
      const operation = this.load(key);
      if (operation === undefined) continue;
      for (const attempt of attemptsOf(operation.state)) this.#parts.carryOut(key, attempt);
    }
    this.#adopted = [];
  }

  close(): void {
    this.#live.close();
  }

  /** The operation with this run id or, with an empty one, the one that the operation id stands for. */
  find(namespaceId: string, operationId: string, runId: string): LiveNexusExecution | undefined {
    return this.#live.find(namespaceId, operationId, runId);
  }

  /** The operation with this key. */
  load(key: RunKey): LiveNexusExecution | undefined {
    return this.#live.load(key);
  }

  /** What an operation was started with. */
  readStart({ key }: Pick<LiveNexusExecution, "key">): StartNexusOperationExecutionRequest {
    return StartNexusOperationExecutionRequest.decode(this.#live.readStart(key));
  }

  /**
   * Starts an operation, or finds the one that the policies name instead.
   *
   * @param request Has been validated; its defaults are set.
   * @throws {RPCError} `ALREADY_EXISTS` if the policies do not let the id be used again.
   */
  start(
    namespace: Namespace,
    endpointId: string,
    request: StartNexusOperationExecutionRequest,
  ): Outcome<StartedNexusExecution> {
    const { engine, newId } = this.#parts;
    return engine.transact((transaction) => {
      const { operationId } = request;
      const known = this.find(namespace.id, operationId, "");
      if (known !== undefined && useInstead(known, request)) return { runId: known.runId, started: false };
      const runId = newId();
      const state = newNexusExecution(request, { endpointId, requestId: newId(), nowMs: transaction.nowMs });
      const address = { namespaceId: namespace.id, id: operationId, runId };
      const bytes = StartNexusOperationExecutionRequest.encode(request);
      const operation = this.#live.create(transaction, address, state, bytes);
      this.#carryOutLater(transaction, operation, undefined);
      return { runId, started: true };
    });
  }

  /**
   * Applies a request to an operation.
   *
   * @throws {ExecutionError} If the operation refuses it; then nothing has changed.
   */
  apply(operation: LiveNexusExecution, request: NexusExecutionRequest): Outcome<void> {
    return this.#parts.engine.transact((transaction) => this.#step(transaction, operation, request));
  }

  /** Tells an operation how it has ended. @throws {ExecutionError} `NOT_FOUND` if it does not wait for that. */
  complete(transaction: Transaction, target: StandaloneCompletionTarget, completion: OperationCompletion): void {
    const { namespaceId, operationId, runId, requestId } = target;
    const operation = this.find(namespaceId, operationId, runId);
    if (operation === undefined) throw notFound("operation not found");
    this.#step(transaction, operation, { kind: "complete", requestId, ...completion });
  }

  /** Removes an operation with all that is kept of it. */
  delete(operation: LiveNexusExecution): Outcome<void> {
    return this.#parts.engine.transact((transaction) => this.#live.delete(transaction, operation));
  }

  #step(transaction: Transaction, before: LiveNexusExecution, request: NexusExecutionRequest): void {
    const { retry, newId } = this.#parts;
    const context = { nowMs: transaction.nowMs, newId, ...retry };
    const state = stepNexusExecution(before.state, request, context);
    if (state === before.state) return;
    this.#carryOutLater(transaction, this.#live.update(transaction, before, state), before.state);
  }

  #carryOutLater(
    transaction: Transaction,
    { key, state }: LiveNexusExecution,
    before: NexusExecutionState | undefined,
  ): void {
    const known = before === undefined ? [] : attemptsOf(before);
    for (const attempt of attemptsOf(state)) {
      if (known.some(({ of }) => of === attempt.of)) continue;
      transaction.afterCommit(() => this.#parts.carryOut(key, attempt));
    }
  }

  #tick(operation: LiveNexusExecution): void {
    try {
      this.apply(operation, { kind: "tick" });
    } catch (error) {
      const { id: operationId } = operation;
      this.#parts.logger.error("cannot carry out what is due in a Nexus operation", {
        operationId,
        reason: String(error),
      });
    }
  }
}

/** Attempts that are on their way in a state. */
function attemptsOf(state: NexusExecutionState): readonly NexusAttempt[] {
  if (isNexusClosed(state)) return [];
  const { cancellation } = state;
  return [
    ...(state.phase === "scheduled" ? [{ of: "start" as const, attempt: state.attempt }] : []),
    ...(cancellation?.phase === "scheduled" ? [{ of: "cancel" as const, attempt: cancellation.attempt }] : []),
  ];
}

/** Whether the policies of a start say that the operation that has its id is to be used; otherwise its id is free. */
function useInstead({ runId, state }: LiveNexusExecution, request: StartNexusOperationExecutionRequest): boolean {
  const { idReusePolicy, idConflictPolicy } = request;
  if (state.startRequestId === request.requestId) return true;
  const closed = isNexusClosed(state);
  if (!closed && idConflictPolicy === NexusOperationIdConflictPolicy.USE_EXISTING) return true;
  const free =
    closed &&
    (idReusePolicy === NexusOperationIdReusePolicy.ALLOW_DUPLICATE ||
      (idReusePolicy === NexusOperationIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY && state.phase !== "succeeded"));
  if (free) return false;
  throw nexusOperationAlreadyStarted({ startRequestId: state.startRequestId, runId });
}
