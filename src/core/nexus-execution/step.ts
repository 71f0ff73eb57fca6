import { TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { Link, Payload } from "../../proto/gen/common.ts";
import { advance } from "../execution/advance.ts";
import { ExecutionError, notFound } from "../execution/execution-error.ts";
import type { NexusCancelAnswer, NexusOutcome, NexusStartAnswer } from "../execution/nexus/answer.ts";
import { asCanceled, nexusTimeoutFailure } from "../execution/nexus/failure.ts";
import { nexusCancelMachine, type NexusCancelInput } from "../execution/nexus/machine.ts";
import { nexusBackoffMs } from "../execution/nexus/retry.ts";
import { uuidFraction } from "../execution/uuid-fraction.ts";
import { nexusExecutionMachine, type NexusExecutionInput } from "./machine.ts";
import { isNexusClosed, type CancellationState, type NexusExecutionState } from "./state.ts";

/** Something that a caller asks of an operation, and why. */
export interface NexusExecutionWish<Kind extends string> {
  readonly kind: Kind;
  readonly requestId: string;
  readonly identity: string;
  readonly reason: string;
}

/** Something that happens to a standalone Nexus operation. */
export type NexusExecutionRequest =
  | { readonly kind: "startAnswered"; readonly attempt: number; readonly answer: NexusStartAnswer }
  | { readonly kind: "cancelAnswered"; readonly attempt: number; readonly answer: NexusCancelAnswer }
  /** The handler tells how the operation has ended, perhaps before it has told that it started. */
  | {
      readonly kind: "complete";
      readonly requestId: string;
      readonly operationToken: string;
      readonly startedMs?: number | undefined;
      readonly links: readonly Link[];
      readonly outcome: NexusOutcome;
    }
  | NexusExecutionWish<"requestCancel">
  | NexusExecutionWish<"terminate">
  /** Time has passed. */
  | { readonly kind: "tick" };

/** What a step depends on besides the state and the request. */
export interface NexusExecutionContext {
  readonly nowMs: number;
  readonly retryInitialIntervalMs: number;
  readonly retryMaximumIntervalMs: number;
  /** A fresh UUID. */
  readonly newId: () => string;
}

type Request<Kind extends NexusExecutionRequest["kind"]> = Extract<NexusExecutionRequest, { kind: Kind }>;

const NO_RESULT: Payload = { metadata: {}, data: new Uint8Array(0), externalPayloads: [] };

/**
 * What a request makes of a standalone Nexus operation; the same object if nothing has changed.
 *
 * @throws {ExecutionError} If the operation refuses it, in the service's words.
 */
export function stepNexusExecution(
  state: NexusExecutionState,
  request: NexusExecutionRequest,
  context: NexusExecutionContext,
): NexusExecutionState {
  switch (request.kind) {
    case "startAnswered":
      return startAnswered(state, request, context);
    case "cancelAnswered":
      return cancelAnswered(state, request, context);
    case "complete":
      return complete(state, request, context.nowMs);
    case "requestCancel":
      return requestCancel(state, request, context.nowMs);
    case "terminate":
      return terminate(state, request, context.nowMs);
    case "tick":
      return passTime(state, context.nowMs);
  }
}

type StateChange = Partial<Omit<NexusExecutionState, "phase" | "transitions">>;

function move(
  state: NexusExecutionState,
  kind: NexusExecutionInput["kind"],
  nowMs: number,
  change: StateChange = {},
): NexusExecutionState {
  const phase = advance(nexusExecutionMachine, state.phase, kind);
  const next = { ...state, ...change, phase, transitions: state.transitions + 1 };
  return isNexusClosed(next) ? { ...next, closeMs: nowMs, nextAttemptMs: undefined } : next;
}

function moveCancellation(
  cancellation: CancellationState,
  kind: NexusCancelInput["kind"],
  change: Partial<CancellationState> = {},
): CancellationState {
  const phase = advance(nexusCancelMachine, cancellation.phase, kind) as CancellationState["phase"];
  return { ...cancellation, ...change, phase };
}

function startAnswered(
  state: NexusExecutionState,
  { attempt, answer }: Request<"startAnswered">,
  context: NexusExecutionContext,
): NexusExecutionState {
  // It is no news if the operation has moved on by itself.
  if (state.phase !== "scheduled" || state.attempt !== attempt) return state;
  const { nowMs } = context;
  switch (answer.kind) {
    case "retry":
      return move(state, "failAttempt", nowMs, failedAttempt(attempt, answer.failure, context));
    case "started":
      return start(state, answer, nowMs);
    case "completed":
      return end(state, answer.outcome, nowMs, answer.links);
    case "failed":
      return fail(state, "fail", answer.failure, nowMs);
    case "timedOut":
      return fail(state, "timeOut", nexusTimeoutFailure(answer.timeoutType), nowMs);
  }
}

function failedAttempt(
  attempt: number,
  failure: Failure,
  { nowMs, retryInitialIntervalMs, retryMaximumIntervalMs, newId }: NexusExecutionContext,
): Pick<NexusExecutionState, "lastAttemptCompleteMs" | "lastAttemptFailure" | "nextAttemptMs"> {
  const spread = uuidFraction(newId());
  return {
    lastAttemptCompleteMs: nowMs,
    lastAttemptFailure: failure,
    nextAttemptMs: nowMs + nexusBackoffMs(attempt, retryInitialIntervalMs, retryMaximumIntervalMs, spread),
  };
}

function start(
  state: NexusExecutionState,
  { operationToken, links }: { readonly operationToken: string; readonly links: readonly Link[] },
  nowMs: number,
  startedMs = nowMs,
): NexusExecutionState {
  const { cancellation } = state;
  return move(state, "start", nowMs, {
    startedMs,
    operationToken,
    lastAttemptCompleteMs: startedMs,
    lastAttemptFailure: undefined,
    nextAttemptMs: undefined,
    links: [...state.links, ...links],
    ...(cancellation === undefined ? {} : { cancellation: moveCancellation(cancellation, "operationStarted") }),
  });
}

function end(
  state: NexusExecutionState,
  outcome: NexusOutcome,
  nowMs: number,
  links: readonly Link[] = [],
): NexusExecutionState {
  if (outcome.kind === "succeeded") {
    const value = outcome.result ?? NO_RESULT;
    return move(state, "succeed", nowMs, { outcome: { case: "result", value }, links: [...state.links, ...links] });
  }
  return outcome.canceled
    ? fail(state, "cancel", asCanceled(outcome.failure), nowMs)
    : fail(state, "fail", outcome.failure, nowMs);
}

function fail(
  state: NexusExecutionState,
  kind: "fail" | "cancel" | "timeOut",
  failure: Failure,
  nowMs: number,
): NexusExecutionState {
  // Attempts are made in one phase only: what ends the operation there is the end of one.
  const ofAttempt = state.phase === "scheduled";
  return move(state, kind, nowMs, {
    outcome: { case: "failure", value: failure },
    ...(ofAttempt ? { lastAttemptCompleteMs: nowMs, lastAttemptFailure: failure } : {}),
  });
}

function complete(state: NexusExecutionState, request: Request<"complete">, nowMs: number): NexusExecutionState {
  if (isNexusClosed(state) || state.requestId !== request.requestId) throw notFound("operation not found");
  const started = state.phase === "started" ? state : start(state, request, nowMs, request.startedMs ?? nowMs);
  return end(started, request.outcome, nowMs);
}

function cancelAnswered(
  state: NexusExecutionState,
  { attempt, answer }: Request<"cancelAnswered">,
  context: NexusExecutionContext,
): NexusExecutionState {
  const { cancellation } = state;
  if (isNexusClosed(state) || cancellation?.phase !== "scheduled" || cancellation.attempt !== attempt) return state;
  const { nowMs } = context;
  if (answer.kind === "retry") {
    const change = failedAttempt(attempt, answer.failure, context);
    return move(state, "change", nowMs, { cancellation: moveCancellation(cancellation, "failAttempt", change) });
  }
  const ended = moveCancellation(cancellation, answer.kind === "succeeded" ? "succeed" : "fail", {
    lastAttemptCompleteMs: nowMs,
    lastAttemptFailure: answer.kind === "failed" ? answer.failure : undefined,
  });
  return move(state, "change", nowMs, { cancellation: ended });
}

function requestCancel(
  state: NexusExecutionState,
  { requestId, reason }: Request<"requestCancel">,
  nowMs: number,
): NexusExecutionState {
  if (state.cancellation?.requestId === requestId) return state;
  if (isNexusClosed(state)) throw failedPrecondition("operation already completed");
  if (state.cancellation !== undefined) {
    throw failedPrecondition(`cancellation already requested with request ID ${state.cancellation.requestId}`);
  }
  // Only a started operation has the token that a request to cancel it needs.
  const phase = state.phase === "started" ? "scheduled" : "waiting";
  const cancellation: CancellationState = {
    phase,
    requestId,
    reason,
    requestedMs: nowMs,
    attempt: 1,
    lastAttemptCompleteMs: undefined,
    lastAttemptFailure: undefined,
    nextAttemptMs: undefined,
  };
  return move(state, "change", nowMs, { cancellation });
}

function terminate(
  state: NexusExecutionState,
  { requestId, reason, identity }: Request<"terminate">,
  nowMs: number,
): NexusExecutionState {
  if (state.phase === "terminated") {
    if (state.terminateRequestId === requestId) return state;
    throw failedPrecondition(`already terminated with request ID ${state.terminateRequestId}`);
  }
  if (isNexusClosed(state)) {
    const name = state.phase.charAt(0).toUpperCase() + state.phase.slice(1);
    throw failedPrecondition(`invalid transition from ${name}`);
  }
  const failure = Failure.create({
    message: reason,
    failureInfo: { case: "terminatedFailureInfo", value: { identity } },
  });
  return move(state, "terminate", nowMs, {
    terminateRequestId: requestId,
    outcome: { case: "failure", value: failure },
  });
}

/** Something that time brings about. */
interface Due {
  readonly what: TimeoutType | "start" | "cancel";
  readonly atMs: number;
}

/** When time next brings something about, in milliseconds since the epoch; `undefined` if it never does. */
export function nexusDeadlineMs(state: NexusExecutionState): number | undefined {
  return nextDue(state)?.atMs;
}

function passTime(state: NexusExecutionState, nowMs: number): NexusExecutionState {
  let current = state;
  for (let due = nextDue(current); due !== undefined && due.atMs <= nowMs; due = nextDue(current)) {
    current = carryOut(current, due.what, nowMs);
  }
  return current;
}

function carryOut(state: NexusExecutionState, what: Due["what"], nowMs: number): NexusExecutionState {
  if (what === "start") {
    return move(state, "reschedule", nowMs, { attempt: state.attempt + 1, nextAttemptMs: undefined });
  }
  if (what !== "cancel") {
    // A timer's end is that of the operation, not of an attempt.
    const value = nexusTimeoutFailure(what);
    return move(state, "timeOut", nowMs, { outcome: { case: "failure", value } });
  }
  const { cancellation } = state;
  if (cancellation === undefined) return state;
  const change = { attempt: cancellation.attempt + 1, nextAttemptMs: undefined };
  return move(state, "change", nowMs, { cancellation: moveCancellation(cancellation, "reschedule", change) });
}

function nextDue(state: NexusExecutionState): Due | undefined {
  if (isNexusClosed(state)) return undefined;
  const { cancellation, scheduledMs } = state;
  const all: Due[] = [];
  const add = (what: Due["what"], fromMs: number | undefined, afterMs: number): void => {
    if (fromMs !== undefined && afterMs > 0) all.push({ what, atMs: fromMs + afterMs });
  };
  add(TimeoutType.SCHEDULE_TO_CLOSE, scheduledMs, state.scheduleToCloseMs);
  if (state.phase === "started") add(TimeoutType.START_TO_CLOSE, state.startedMs, state.startToCloseMs);
  else add(TimeoutType.SCHEDULE_TO_START, scheduledMs, state.scheduleToStartMs);
  if (state.nextAttemptMs !== undefined) all.push({ what: "start", atMs: state.nextAttemptMs });
  if (cancellation?.nextAttemptMs !== undefined && cancellation.phase === "backingOff") {
    all.push({ what: "cancel", atMs: cancellation.nextAttemptMs });
  }
  return all.reduce<Due | undefined>(
    (first, due) => (first === undefined || due.atMs < first.atMs ? due : first),
    undefined,
  );
}

function failedPrecondition(message: string): ExecutionError {
  return new ExecutionError("FAILED_PRECONDITION", message);
}
