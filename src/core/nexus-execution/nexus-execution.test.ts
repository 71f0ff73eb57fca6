import { expect, test } from "vitest";
import { NexusOperationCancellationState, TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { StartNexusOperationExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { toDuration } from "../execution/duration.ts";
import type { NexusStartAnswer } from "../execution/nexus/answer.ts";
import { decodeNexusExecution, encodeNexusExecution } from "./snapshot.ts";
import { newNexusExecution, type NexusExecutionState } from "./state.ts";
import { nexusDeadlineMs, stepNexusExecution, type NexusExecutionRequest } from "./step.ts";
import { nexusExecutionInfo } from "./view.ts";

const T0 = 1_000_000;
const result = { metadata: {}, data: new Uint8Array([1]), externalPayloads: [] };
const failure = Failure.create({ message: "broken" });

/** Chance makes back-offs half as much shorter as it may. */
const HALF = "80000000-0000-4000-8000-000000000000";

/** An operation on a clock of its own. */
class Scripted {
  nowMs = T0;
  state: NexusExecutionState;
  readonly #start: StartNexusOperationExecutionRequest;

  constructor(request: Init<StartNexusOperationExecutionRequest> = {}) {
    this.#start = StartNexusOperationExecutionRequest.create({ requestId: "start", ...request });
    this.state = newNexusExecution(this.#start, { endpointId: "e", requestId: "handler", nowMs: this.nowMs });
  }

  do(request: NexusExecutionRequest): NexusExecutionState {
    const newId = (): string => HALF;
    const context = { nowMs: this.nowMs, newId, retryInitialIntervalMs: 1000, retryMaximumIntervalMs: 3000 };
    this.state = stepNexusExecution(this.state, request, context);
    return this.state;
  }

  answer(answer: NexusStartAnswer, attempt = this.state.attempt): NexusExecutionState {
    return this.do({ kind: "startAnswered", attempt, answer });
  }

  complete(requestId = "handler"): NexusExecutionState {
    const outcome = { kind: "succeeded", result } as const;
    return this.do({ kind: "complete", requestId, operationToken: "token", links: [], outcome });
  }

  ask(kind: "requestCancel" | "terminate", requestId: string = kind): NexusExecutionState {
    return this.do({ kind, requestId, identity: "caller", reason: "why" });
  }

  wait(): NexusExecutionState {
    this.nowMs = nexusDeadlineMs(this.state) ?? this.nowMs;
    return this.do({ kind: "tick" });
  }

  info(): ReturnType<typeof nexusExecutionInfo> {
    return nexusExecutionInfo(this.state, this.#start, "r", this.nowMs);
  }
}

test("an operation that its handler completes at once succeeds", () => {
  const one = new Scripted();
  one.answer({ kind: "completed", outcome: { kind: "succeeded", result }, links: [] });
  expect(one.state).toMatchObject({ phase: "succeeded", outcome: { case: "result", value: result }, closeMs: T0 });
  expect(nexusDeadlineMs(one.state)).toBeUndefined();
});

test("an operation that its handler starts ends when the handler says so, also before it said that it started", () => {
  const one = new Scripted();
  one.answer({ kind: "started", operationToken: "token", links: [] });
  expect(one.info()).toMatchObject({ state: 3, operationToken: "token" });
  expect(() => one.complete("another")).toThrow("operation not found");
  expect(one.complete().phase).toBe("succeeded");
  expect(() => one.complete()).toThrow("operation not found");
  const early = new Scripted();
  expect(early.complete()).toMatchObject({ phase: "succeeded", operationToken: "token", startedMs: T0 });
});

test("attempts follow each other after growing delays up to a longest one", () => {
  const one = new Scripted();
  for (const delayMs of [900, 1800, 2700]) {
    one.answer({ kind: "retry", failure });
    expect(one.info()).toMatchObject({ state: 2, lastAttemptFailure: failure });
    expect(nexusDeadlineMs(one.state)).toBe(one.nowMs + delayMs);
    one.wait();
  }
  expect([one.state.phase, one.state.attempt]).toEqual(["scheduled", 4]);
  // What an earlier attempt answers does not matter any more.
  expect(one.answer({ kind: "failed", failure }, 3)).toBe(one.state);
  one.answer({ kind: "failed", failure });
  expect(one.state).toMatchObject({ phase: "failed", outcome: { value: failure } });
});

test("each timeout ends the operation and says which it was", () => {
  const cases = [
    [{ scheduleToCloseTimeout: toDuration(3000) }, true, 3000, TimeoutType.SCHEDULE_TO_CLOSE],
    [{ scheduleToStartTimeout: toDuration(2000) }, false, 2000, TimeoutType.SCHEDULE_TO_START],
    [{ startToCloseTimeout: toDuration(1000) }, true, 1000, TimeoutType.START_TO_CLOSE],
  ] as const;
  for (const [timeouts, started, afterMs, timeoutType] of cases) {
    const one = new Scripted(timeouts);
    if (started) one.answer({ kind: "started", operationToken: "token", links: [] });
    one.wait();
    expect(one.nowMs).toBe(T0 + afterMs);
    expect(one.state).toMatchObject({
      phase: "timedOut",
      outcome: { value: { failureInfo: { value: { timeoutType } } } },
    });
  }
});

test("a request to cancel waits for the operation's start, and is tried again when it fails", () => {
  const one = new Scripted();
  one.ask("requestCancel");
  expect(one.info().cancellationInfo).toMatchObject({
    state: NexusOperationCancellationState.UNSPECIFIED,
    reason: "why",
  });
  expect(one.ask("requestCancel")).toBe(one.state);
  expect(() => one.ask("requestCancel", "other")).toThrow(
    "cancellation already requested with request ID requestCancel",
  );
  one.answer({ kind: "started", operationToken: "token", links: [] });
  one.do({ kind: "cancelAnswered", attempt: 1, answer: { kind: "retry", failure } });
  expect(one.info().cancellationInfo?.state).toBe(NexusOperationCancellationState.BACKING_OFF);
  one.wait();
  one.do({ kind: "cancelAnswered", attempt: 2, answer: { kind: "succeeded" } });
  expect(one.info().cancellationInfo).toMatchObject({ state: NexusOperationCancellationState.SUCCEEDED, attempt: 2 });
  one.complete();
  expect(() => one.ask("requestCancel", "late")).toThrow("operation already completed");
});

test("a termination can be repeated but not by another request", () => {
  const one = new Scripted();
  one.ask("terminate");
  expect(one.ask("terminate")).toBe(one.state);
  expect(() => one.ask("terminate", "other")).toThrow("already terminated with request ID terminate");
});

test("what is kept of an operation is all there is", () => {
  const one = new Scripted();
  one.ask("requestCancel");
  one.answer({ kind: "retry", failure });
  expect(decodeNexusExecution(encodeNexusExecution(one.state))).toEqual(one.state);
  expect(() => decodeNexusExecution(new TextEncoder().encode('{"version":9}'))).toThrow("version 9 found");
});
