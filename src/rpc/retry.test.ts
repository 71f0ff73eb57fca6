import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { RPCError } from "./rpc-error.ts";
import type { RetryOptions, RetryState } from "./retry.ts";
import { callWithRetry, defaultRetryConfig, isMessageTooLarge, retryWaitMs } from "./retry.ts";
import { RPCStatusCode, statusName } from "./status.ts";
import { failureOf } from "./transport.suite.ts";

const middle = (): number => 0.5; // Chance that changes nothing.
const error = (status: RPCStatusCode): RPCError => new RPCError(status, "no");
const unavailable = error(RPCStatusCode.UNAVAILABLE);
const state: RetryState = {
  config: defaultRetryConfig,
  kind: "normal",
  tries: 1,
  throttles: 0,
  elapsedMs: 0,
  random: middle,
};

/** Runs a call on a virtual clock until it settles; returns when each try was sent. */
async function run(
  answers: readonly (RPCError | "ok")[],
  options: Partial<RetryOptions> = {},
): Promise<{ sentMs: number[]; outcome: RPCError | "ok" }> {
  const clock = new VirtualClock();
  const sentMs: number[] = [];
  const send = (): Promise<"ok"> => {
    const answer = answers[Math.min(sentMs.length, answers.length - 1)] ?? "ok";
    sentMs.push(clock.now());
    return answer === "ok" ? Promise.resolve(answer) : Promise.reject(answer);
  };
  const call = callWithRetry(send, { clock, random: middle, ...options }).catch(
    (reason: unknown) => reason as RPCError,
  );
  do await new Promise(setImmediate);
  while (clock.advanceToNext());
  return { sentMs, outcome: await call };
}

test("statuses that may pass are retried, the others are not", () => {
  const retried = Object.values(RPCStatusCode)
    .filter((status) => retryWaitMs(error(status), state) !== undefined)
    .map(statusName);
  expect(retried).toEqual([
    "UNKNOWN",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "OUT_OF_RANGE",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
  ]);
});

test("waits grow until they reach their longest, and the tries end in time", async () => {
  const { sentMs, outcome } = await run([unavailable]);
  expect(outcome).toBe(unavailable);
  const waits = sentMs.slice(1).map((ms, index) => Math.round(ms - (sentMs[index] ?? 0)));
  expect(waits).toEqual([100, 170, 289, 491, 835, 1420, 2414, 4103]);
});

test("the number of tries is limited", async () => {
  const config = { ...defaultRetryConfig, maxRetries: 3, maxElapsedTimeMs: undefined };
  const { sentMs } = await run([unavailable], { config });
  expect(sentMs).toHaveLength(3);
});

test("a call that succeeds at last gives its answer and tells of its tries", async () => {
  const told: number[] = [];
  const { outcome } = await run([unavailable, unavailable, "ok"], {
    onRetry: (_error, tries) => told.push(tries),
  });
  expect(outcome).toBe("ok");
  expect(told).toEqual([1, 2]);
});

test("chance moves a wait by a fifth at most", () => {
  expect(retryWaitMs(unavailable, { ...state, random: () => 0 })).toBeCloseTo(80);
  expect(retryWaitMs(unavailable, { ...state, random: () => 1 })).toBeCloseTo(120);
});

test("an overloaded service is given more time", async () => {
  const exhausted = error(RPCStatusCode.RESOURCE_EXHAUSTED);
  const { sentMs } = await run([exhausted, exhausted, unavailable, exhausted, "ok"]);
  expect(sentMs.map(Math.round)).toEqual([0, 1000, 3000, 3289, 7289]);
});

test.each([
  "grpc: received message larger than max (5 vs. 4)",
  "grpc: message after decompression larger than max (5 vs. 4)",
  "grpc: received message after decompression larger than max 4",
])("a message that is too large is not sent again: %s", (message) => {
  const tooLarge = new RPCError(RPCStatusCode.RESOURCE_EXHAUSTED, message);
  expect(isMessageTooLarge(tooLarge)).toBe(true);
  expect(retryWaitMs(tooLarge, state)).toBeUndefined();
});

test("a worker's poll is sent again whatever comes back, other errors for a minute only", () => {
  const poll: RetryState = {
    ...state,
    kind: "taskPoll",
    config: { ...state.config, maxRetries: 0 },
  };
  const { CANCELLED, DEADLINE_EXCEEDED, NOT_FOUND } = RPCStatusCode;
  expect(retryWaitMs(error(CANCELLED), poll)).toBeDefined();
  expect(retryWaitMs(error(DEADLINE_EXCEEDED), poll)).toBeDefined();
  expect(retryWaitMs(error(NOT_FOUND), { ...poll, elapsedMs: 60_000 })).toBe(5_000);
  expect(retryWaitMs(error(NOT_FOUND), { ...poll, elapsedMs: 60_001 })).toBeUndefined();
});

test("an error that the caller calls final is thrown at once", async () => {
  const { sentMs, outcome } = await run([unavailable], { isFinal: () => true });
  expect(outcome).toBe(unavailable);
  expect(sentMs).toEqual([0]);
});

test("an abort ends the wait between two tries", async () => {
  const controller = new AbortController();
  const failed = failureOf(
    callWithRetry(() => Promise.reject(unavailable), {
      clock: new VirtualClock(),
      random: middle,
      signal: controller.signal,
      onRetry: () => queueMicrotask(() => controller.abort()),
    }),
  );
  expect((await failed).status).toBe(RPCStatusCode.CANCELLED);
});

test("a poll that its own caller aborted is not sent again", async () => {
  const signal = AbortSignal.abort();
  const cancelled = error(RPCStatusCode.CANCELLED);
  const { sentMs } = await run([cancelled], { kind: "taskPoll", signal });
  expect(sentMs).toEqual([0]);
});
