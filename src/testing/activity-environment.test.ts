import { expect, test } from "vitest";
import * as activity from "../activity/index.ts";
import { CancelledError } from "../payload/failure-error.ts";
import { ActivityEnvironment } from "./activity-environment.ts";

test("an activity finds the info it was given, and its result and errors come through", async () => {
  const environment = new ActivityEnvironment({ info: { attempt: 3, heartbeatDetails: ["page", 7] } });
  const resume = async (name: string): Promise<string> =>
    `${name} ${activity.info().attempt} ${activity.info().heartbeatDetails.join()}`;
  expect(await environment.run(resume, "at")).toBe("at 3 page,7");
  environment.info = { ...environment.info, attempt: 4 };
  expect(environment.run(() => activity.info().attempt)).toBe(4);
  expect(() =>
    environment.run(() => {
      throw new RangeError("no");
    }),
  ).toThrow(RangeError);
});

test("heartbeats are told with their details", () => {
  const beats: (readonly unknown[])[] = [];
  const environment = new ActivityEnvironment({ onHeartbeat: (...details) => beats.push(details) });
  environment.run(() => {
    activity.heartbeat();
    activity.heartbeat("page", 7);
  });
  expect(beats).toEqual([[], ["page", 7]]);
});

test("cancellation reaches what waits, with its first reasons", async () => {
  const environment = new ActivityEnvironment();
  const waiting = environment.run(async () => activity.sleep("1h"));
  environment.cancel({ timedOut: true });
  environment.cancel({ paused: true });
  await expect(waiting).rejects.toThrow(CancelledError);
  expect(
    environment.run(() => [
      activity.isCancelled(),
      activity.cancellationDetails()?.timedOut,
      activity.cancellationDetails()?.paused,
    ]),
  ).toEqual([true, true, false]);
});

test("an activity hears of its worker's shutdown", async () => {
  const environment = new ActivityEnvironment();
  const told = environment.run(async () => {
    await activity.waitForWorkerShutdown();
    return activity.isWorkerShutdown();
  });
  environment.workerShutdown();
  expect(await told).toBe(true);
  expect(environment.run(activity.isCancelled)).toBe(false);
});
