import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RetryPolicy } from "../../proto/gen/common.ts";
import { RetryState, TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { toDuration } from "../execution/duration.ts";
import {
  decideRetry,
  isRetryable,
  requestedDelayMs,
  retryPolicyFault,
  retryPolicyMs,
  withRetryDefaults,
} from "./retry.ts";

const policy = retryPolicyMs(withRetryDefaults(undefined));
const question = { nowMs: 0, attempt: 1, policy, expirationMs: undefined, delayMs: undefined };

test("a policy that says nothing doubles from a second to a hundred, for ever", () => {
  expect(policy).toEqual({
    initialIntervalMs: 1000,
    backoffCoefficient: 2,
    maximumIntervalMs: 100_000,
    maximumAttempts: 0,
    nonRetryableErrorTypes: [],
  });
  const delays = [1, 2, 3, 7, 8, 500].map((attempt) => decideRetry({ ...question, attempt }));
  expect(delays).toEqual([1000, 2000, 4000, 64_000, 100_000, 100_000].map((delayMs) => ({ retry: true, delayMs })));
});

test("the last attempt is followed by none, nor is one that would begin too late", () => {
  const few = { ...policy, maximumAttempts: 3 };
  expect(decideRetry({ ...question, policy: few, attempt: 2 })).toMatchObject({ retry: true });
  expect(decideRetry({ ...question, policy: few, attempt: 3 })).toEqual({
    retry: false,
    state: RetryState.MAXIMUM_ATTEMPTS_REACHED,
  });
  expect(decideRetry({ ...question, expirationMs: 1000 })).toMatchObject({ retry: true });
  expect(decideRetry({ ...question, expirationMs: 999 })).toEqual({ retry: false, state: RetryState.TIMEOUT });
});

test("delays grow, up to the maximum and never beyond", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 100_000 }),
    fc.double({ min: 1, max: 10, noNaN: true }),
    fc.integer({ min: 1, max: 1000 }),
    (initialIntervalMs, backoffCoefficient, attempt) => {
      const own = { ...policy, initialIntervalMs, backoffCoefficient, maximumIntervalMs: initialIntervalMs * 50 };
      const [first, second] = [attempt, attempt + 1].map((each) =>
        decideRetry({ ...question, policy: own, attempt: each }),
      );
      const delay = (decision: typeof first): number => (decision?.retry === true ? decision.delayMs : Number.NaN);
      expect(delay(second)).toBeGreaterThanOrEqual(delay(first));
      expect(delay(second)).toBeLessThanOrEqual(own.maximumIntervalMs);
    },
  );
  fc.assert(property);
});

test.each([
  [{ canceledFailureInfo: {} }, false],
  [{ terminatedFailureInfo: {} }, false],
  [{ serverFailureInfo: { nonRetryable: true } }, false],
  [{ serverFailureInfo: {} }, true],
  [{ applicationFailureInfo: { type: "Bad" } }, false],
  [{ applicationFailureInfo: { type: "Other" } }, true],
  [{ applicationFailureInfo: { type: "Other", nonRetryable: true } }, false],
  [{ timeoutFailureInfo: { timeoutType: TimeoutType.START_TO_CLOSE } }, true],
  [{ timeoutFailureInfo: { timeoutType: TimeoutType.HEARTBEAT } }, false],
  [{ timeoutFailureInfo: { timeoutType: TimeoutType.SCHEDULE_TO_START } }, false],
  [{}, true],
])("%j is retryable or not", (info, retryable) => {
  const [entry] = Object.entries(info);
  const failureInfo = entry === undefined ? undefined : ({ case: entry[0], value: entry[1] } as never);
  expect(isRetryable(Failure.create({ failureInfo }), ["Bad", "TemporalTimeout:Heartbeat"])).toBe(retryable);
});

test("an application failure may ask for a delay", () => {
  const value = { nextRetryDelay: toDuration(1500) };
  const failure = Failure.create({ failureInfo: { case: "applicationFailureInfo", value } });
  expect(requestedDelayMs(failure)).toBe(1500);
  expect(requestedDelayMs(Failure.create())).toBeUndefined();
});

test.each([
  [{ initialInterval: toDuration(-1) }, "invalid InitialInterval set on retry policy: negative duration"],
  [{ backoffCoefficient: 0.9 }, "BackoffCoefficient cannot be less than 1 on retry policy."],
  [
    { initialInterval: toDuration(2000), maximumInterval: toDuration(1000) },
    "MaximumInterval cannot be less than InitialInterval on retry policy.",
  ],
  [{ maximumAttempts: -1 }, "MaximumAttempts cannot be negative on retry policy."],
  [{ nonRetryableErrorTypes: ["TemporalTimeout:Never"] }, "Invalid timeout type value: Never."],
  [{ nonRetryableErrorTypes: ["TemporalTimeout:StartToClose"] }, undefined],
  [{ maximumAttempts: 1, backoffCoefficient: 0.1 }, undefined],
])("the policy %j is checked", (said, fault) => {
  expect(retryPolicyFault(withRetryDefaults(RetryPolicy.create(said)))).toBe(fault);
});
