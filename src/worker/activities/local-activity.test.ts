import { expect, test } from "vitest";
import * as activity from "../../activity/index.ts";
import type { ActivityFunction } from "../../activity/index.ts";
import type { LocalActivityRequest, LocalActivityResult } from "../../core/replay/local-activity-queue.ts";
import { TimeoutType } from "../../proto/gen/enums.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { Slots } from "../tasks/slots.ts";
import { FixedSizeSlotSupplier } from "../tuning/fixed-size-slot-supplier.ts";
import { createTestHost, settle } from "./activity-host.test-support.ts";
import { LocalActivity } from "./local-activity.ts";

type Options = Partial<LocalActivityRequest["activity"]> &
  Partial<Pick<LocalActivityRequest, "localRetryThresholdMs" | "originalScheduleTimeMs">> & {
    /** All slots are taken at first. */
    readonly isBusy?: boolean;
  };

function start(fn: ActivityFunction, options: Options = {}) {
  const { localRetryThresholdMs, originalScheduleTimeMs, isBusy = false, ...changes } = options;
  const host = createTestHost({ fn });
  const slots = new Slots({
    slotType: "localActivity",
    supplier: new FixedSizeSlotSupplier(1),
    taskQueue: "q",
    identity: "me",
    buildId: "",
    logger: silentLogger,
    clock: host.clock,
  });
  const slot = isBusy ? slots.tryReserve() : undefined;
  const local = new LocalActivity({
    host,
    slots,
    workflow: { namespace: "default", workflowId: "w", runId: "r", workflowType: "W" },
    request: {
      seq: 4,
      attempt: 1,
      originalScheduleTimeMs,
      localRetryThresholdMs,
      activity: {
        activityId: "1",
        activityType: "fn",
        arguments: [],
        headers: {},
        cancellationType: "tryCancel",
        ...changes,
      },
    },
  });
  return { local, slots, clock: host.clock, result: local.run(), release: () => slot?.release() };
}

function timeoutTypeOf({ outcome }: LocalActivityResult): number | undefined {
  const info = outcome.status === "timedOut" ? outcome.failure.failureInfo : undefined;
  return info?.case === "timeoutFailureInfo" ? info.value.timeoutType : undefined;
}

test("a result comes back with its seq and attempt", async () => {
  const { result } = start(() => 42);
  expect(await result).toMatchObject({
    seq: 4,
    attempt: 1,
    outcome: { status: "completed" },
    originalScheduleTimeMs: 1_000_000,
  });
});

test("failures are tried again by the retry policy", async () => {
  let calls = 0;
  const { clock, result } = start(() => {
    calls++;
    if (activity.info().attempt < 3) throw new Error("again");
    return calls;
  });
  await settle();
  clock.advanceBy(1_000);
  await settle();
  clock.advanceBy(2_000);
  expect(await result).toMatchObject({ attempt: 3, outcome: { status: "completed" } });
});

test("a non-retryable failure and the last attempt are final", async () => {
  const final = start(() => {
    throw new ApplicationError("no", { nonRetryable: true });
  });
  expect(await final.result).toMatchObject({ attempt: 1, outcome: { status: "failed" } });
  const retryPolicy = {
    initialInterval: undefined,
    backoffCoefficient: 0,
    maximumInterval: undefined,
    maximumAttempts: 1,
    nonRetryableErrorTypes: [],
  };
  const last = start(() => Promise.reject(new Error("no")), { retryPolicy });
  expect(await last.result).toMatchObject({ attempt: 1, outcome: { status: "failed" } });
});

test("a retry that waits longer than the threshold is left to the workflow", async () => {
  const { result } = start(() => Promise.reject(new Error("no")), { localRetryThresholdMs: 500 });
  expect(await result).toMatchObject({ attempt: 1, backoffMs: 1_000, outcome: { status: "failed" } });
});

test("an attempt past its timeout is cancelled and tried again", async () => {
  const reasons: unknown[] = [];
  const { clock, result } = start(
    async () => {
      if (activity.info().attempt > 1) return "done";
      await activity.waitForCancelled().catch(() => reasons.push(activity.cancellationDetails()?.timedOut));
      return "late";
    },
    { startToCloseTimeoutMs: 100 },
  );
  await settle();
  clock.advanceBy(100);
  await settle();
  clock.advanceBy(1_000);
  expect(await result).toMatchObject({ attempt: 2, outcome: { status: "completed" } });
  expect(reasons).toEqual([true]);
});

test("the timeout of the schedule ends retries, counted from the first attempt", async () => {
  const { clock, result } = start(() => Promise.reject(new Error("no")), { scheduleToCloseTimeoutMs: 1_500 });
  await settle();
  clock.advanceBy(1_000);
  await settle();
  clock.advanceBy(500);
  expect(timeoutTypeOf(await result)).toBe(TimeoutType.SCHEDULE_TO_CLOSE);
  const late = start(() => 1, { scheduleToCloseTimeoutMs: 500, originalScheduleTimeMs: 999_000 });
  expect(timeoutTypeOf(await late.result)).toBe(TimeoutType.SCHEDULE_TO_CLOSE);
});

test("cancellation ends a wait for the next attempt at once", async () => {
  const { local, result } = start(() => Promise.reject(new Error("no")));
  await settle();
  local.cancel({ cancelRequested: true });
  expect(await result).toMatchObject({ outcome: { status: "cancelled" } });
});

test("cancellation reaches a running attempt, whose answer counts", async () => {
  const { local, slots, result } = start(() => activity.sleep("1h"));
  await settle();
  expect(slots.taken).toBe(1);
  local.cancel({ cancelRequested: true });
  expect(await result).toMatchObject({ outcome: { status: "cancelled" } });
  expect(slots.taken).toBe(0);
});

test("waiting for a slot longer than allowed times out", async () => {
  const { slots, clock, result, release } = start(() => 1, { scheduleToStartTimeoutMs: 100, isBusy: true });
  await settle();
  clock.advanceBy(101);
  release();
  expect(timeoutTypeOf(await result)).toBe(TimeoutType.SCHEDULE_TO_START);
  expect(slots.taken).toBe(0);
});
