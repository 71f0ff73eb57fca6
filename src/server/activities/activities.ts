import type {
  ActivityExecutionRequest,
  ActivityExecutionStep,
  AttemptStart,
} from "../../core/activity-execution/contract.ts";
import { hasUntold } from "../../core/activity-execution/callbacks.ts";
import { activityDeadlineMs, passTime } from "../../core/activity-execution/deadline.ts";
import { decodeActivityExecution, encodeActivityExecution } from "../../core/activity-execution/snapshot.ts";
import { stepActivityExecution } from "../../core/activity-execution/step.ts";
import {
  isClosed,
  isRunning,
  newActivityExecution,
  type ActivityExecutionState,
} from "../../core/activity-execution/state.ts";
import type { CallbackAnswer } from "../../core/execution/callback/callback-state.ts";
import { uuidFraction } from "../../core/execution/uuid-fraction.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { ActivityIdConflictPolicy } from "../../proto/gen/enums.ts";
import { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { Outcome } from "../history/engine.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Matching } from "../matching/matching.ts";
import { NO_WORKFLOW } from "../matching/task.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { toPriority } from "../offer.ts";
import { LiveExecutions, type LiveExecution, type LiveExecutionsParts } from "../standalone/live-executions.ts";
import type { RunKey, StoredRun } from "../store/store.ts";
import { assertIdIsFree } from "./activity-conflict.ts";
import { toActivityRow } from "./activity-row.ts";

/** A standalone activity in memory. */
export type LiveActivity = LiveExecution<ActivityExecutionState>;

/** An attempt to tell a callback of an activity how the activity has ended. Void when it has been made. */
export interface CallbackAttempt {
  readonly index: number;
  readonly attempt: number;
}

/** What standalone activities are made of. */
export interface ActivitiesParts extends LiveExecutionsParts {
  readonly matching: Matching;
  readonly logger: Logger;
  /** Makes a fresh UUID. */
  readonly newId: () => string;
  readonly callbackRetryInitialIntervalMs: number;
  readonly callbackRetryMaximumIntervalMs: number;
  /** Tells a callback. Called when the state has been handed to the store. */
  readonly tellCallback: (key: RunKey, attempt: CallbackAttempt) => void;
  /** Told of what happens that keeps time from being skipped. */
  readonly onChanged?: ((key: RunKey, busy: boolean, startedMs: number | undefined) => void) | undefined;
}

/** What became of a start. */
export interface StartedActivity {
  readonly runId: string;
  /** Whether it made an activity; otherwise it found the one there was. */
  readonly started: boolean;
}

/** All standalone activities of a server: the only writer of their state. */
export class Activities {
  readonly #parts: ActivitiesParts;
  readonly #live: LiveExecutions<ActivityExecutionState>;
  #adopted: RunKey[] = [];

  constructor(parts: ActivitiesParts) {
    this.#parts = parts;
    this.#live = new LiveExecutions(
      parts,
      {
        division: "activity",
        encode: encodeActivityExecution,
        decode: decodeActivityExecution,
        // A store takes what is closed up no more: as long as callbacks are to be told, it is not.
        isClosed: (state) => isClosed(state) && !hasUntold(state),
        deadlineMs: activityDeadlineMs,
        toRow: toActivityRow,
      },
      {
        onDue: (activity) => this.#tick(activity),
        onChanged: ({ key, state }, over) =>
          parts.onChanged?.(
            key,
            !over && !isClosed(state) && (isRunning(state) || state.offered),
            isRunning(state) ? state.attempt.startedMs : undefined,
          ),
      },
    );
  }

  /** When an activity next needs time to have passed, in milliseconds since the epoch; `undefined` if none does. */
  get nextDeadlineMs(): number | undefined {
    return this.#live.nextDeadlineMs;
  }

  /** Takes up an activity at the start that is open or has callbacks to tell, which {@link open} then does. */
  adopt(stored: StoredRun): void {
    this.#live.adopt(stored);
    this.#adopted.push(stored.key);
  }

  /** Tells the callbacks that were to be told when the server stopped. Call once, when everything else is there. */
  open(): void {
    for (const key of this.#adopted) {
      const activity = this.load(key);
      for (const attempt of activity === undefined ? [] : attemptsOf(activity.state)) {
        this.#parts.tellCallback(key, attempt);
      }
    }
    this.#adopted = [];
  }

  close(): void {
    this.#live.close();
  }

  /** The activity with this run id or, with an empty one, the one that the activity id stands for. */
  find(namespaceId: string, activityId: string, runId: string): LiveActivity | undefined {
    return this.#live.find(namespaceId, activityId, runId);
  }

  /** The activity with this key. */
  load(key: RunKey): LiveActivity | undefined {
    return this.#live.load(key);
  }

  /** What an activity was started with. */
  readStart({ key }: LiveActivity): StartActivityExecutionRequest {
    return StartActivityExecutionRequest.decode(this.#live.readStart(key));
  }

  /**
   * Starts an activity, or finds the one that the policies name instead.
   *
   * @param request Has been validated; its defaults are set.
   * @throws {RPCError} `ALREADY_EXISTS` if the policies do not let the id be used again.
   */
  start(namespace: Namespace, request: StartActivityExecutionRequest): Outcome<StartedActivity> {
    return this.#parts.engine.transact((transaction) => {
      const { activityId, requestId } = request;
      const known = this.find(namespace.id, activityId, "");
      if (known?.state.requestId === requestId) return { runId: known.runId, started: false };
      if (known !== undefined && assertIdIsFree(known, request) === "existing") {
        this.#attach(transaction, known, request);
        return { runId: known.runId, started: false };
      }
      const { nowMs } = transaction;
      const runId = this.#parts.newId();
      const { state, dispatch } = passTime(newActivityExecution(request, nowMs), nowMs);
      const address = { namespaceId: namespace.id, id: activityId, runId };
      const activity = this.#live.create(transaction, address, state, StartActivityExecutionRequest.encode(request));
      if (dispatch === true) transaction.afterCommit(() => this.#offer(activity));
      return { runId, started: true };
    });
  }

  /**
   * Applies a request to an activity.
   *
   * @throws {ExecutionError} If the activity refuses it; then nothing has changed.
   */
  apply(activity: LiveActivity, request: ActivityExecutionRequest): Outcome<ActivityExecutionStep> {
    return this.#parts.engine.transact((transaction) => this.#step(transaction, activity, request));
  }

  /** Notes how an attempt to tell a callback went; a function of the transaction makes the attempt in it. */
  noteCallback(
    key: RunKey,
    {
      index,
      attempt,
      answer,
    }: CallbackAttempt & {
      readonly answer: CallbackAnswer | ((transaction: Transaction) => CallbackAnswer);
    },
  ): Outcome<void> {
    const { callbackRetryInitialIntervalMs, callbackRetryMaximumIntervalMs, newId } = this.#parts;
    return this.#parts.engine.transact((transaction) => {
      const activity = this.load(key);
      if (activity === undefined) return;
      this.#step(transaction, activity, {
        kind: "callbackAnswered",
        index,
        attempt,
        answer: typeof answer === "function" ? answer(transaction) : answer,
        retryInitialIntervalMs: callbackRetryInitialIntervalMs,
        retryMaximumIntervalMs: callbackRetryMaximumIntervalMs,
        spread: uuidFraction(newId()),
      });
    });
  }

  /** Starts an attempt for a worker; `undefined` if the offer is void. */
  take(
    key: RunKey,
    request: AttemptStart,
  ): { readonly activity: LiveActivity; readonly committed: Promise<void> } | undefined {
    const activity = this.load(key);
    if (activity === undefined) return undefined;
    const { value, committed } = this.apply(activity, request);
    return value.stale === true ? undefined : { activity: { ...activity, state: value.state }, committed };
  }

  /** Removes an activity with all that is kept of it. */
  delete(activity: LiveActivity): Outcome<void> {
    return this.#parts.engine.transact((transaction) => this.#live.delete(transaction, activity));
  }

  #attach(transaction: Transaction, known: LiveActivity, request: StartActivityExecutionRequest): void {
    const { onConflictOptions: options, completionCallbacks, links, requestId } = request;
    if (request.idConflictPolicy !== ActivityIdConflictPolicy.USE_EXISTING || options === undefined) return;
    this.#step(transaction, known, {
      kind: "attach",
      requestId,
      callbacks: options.attachCompletionCallbacks ? completionCallbacks : [],
      links: options.attachLinks ? links : [],
    });
  }

  #step(transaction: Transaction, activity: LiveActivity, request: ActivityExecutionRequest): ActivityExecutionStep {
    const { nowMs } = transaction;
    const step = stepActivityExecution(activity.state, request, nowMs);
    // What is due at once need not wait for a timer.
    const due = step.state === activity.state ? step : passTime(step.state, nowMs);
    const after = { ...activity, state: due.state };
    if (after.state.transitions !== activity.state.transitions) {
      this.#live.update(transaction, activity, after.state);
    } else if (after.state !== activity.state) {
      transaction.afterCommit(() => this.#live.note(after));
    }
    const known = attemptsOf(activity.state);
    for (const attempt of attemptsOf(due.state)) {
      if (known.some(({ index }) => index === attempt.index)) continue;
      transaction.afterCommit(() => this.#parts.tellCallback(activity.key, attempt));
    }
    if (step.dispatch === true || due.dispatch === true) transaction.afterCommit(() => this.#offer(after));
    return { ...step, state: due.state };
  }

  #offer({ key, namespaceId, state }: LiveActivity): void {
    const { clock, matching } = this.#parts;
    const { options, attempt } = state;
    matching.offer(
      { namespaceId, type: "activity", name: options.taskQueue?.name ?? "" },
      {
        kind: "standaloneActivity",
        runKey: key,
        stamp: attempt.stamp,
        priority: toPriority(options.priority?.priorityKey ?? 0),
        offeredMs: clock.now(),
        directive: NO_WORKFLOW,
      },
    );
  }

  #tick(activity: LiveActivity): void {
    try {
      this.apply(activity, { kind: "tick" });
    } catch (error) {
      const { id: activityId } = activity;
      this.#parts.logger.error("cannot carry out what is due in an activity", { activityId, reason: String(error) });
    }
  }
}

/** Callbacks that are being told in a state. */
function attemptsOf({ callbacks }: ActivityExecutionState): readonly CallbackAttempt[] {
  return callbacks.flatMap(({ phase, attempt }, index) => (phase === "scheduled" ? [{ index, attempt }] : []));
}
