import * as activity from "perdure/activity";
import { ApplicationError } from "perdure/exceptions";

export async function greet(greeting: string, name: string): Promise<string> {
  return `${greeting}, ${name}!`;
}

/** Fails until the given attempt. */
export async function failUntil(attempt: number): Promise<number> {
  const { attempt: current } = activity.info();
  if (current < attempt) throw new Error(`attempt ${current} fails`);
  return current;
}

export async function failForGood(): Promise<never> {
  throw new ApplicationError("not this card", { type: "CardDeclined", nonRetryable: true, details: ["4000", 2] });
}

/** Heartbeats until it is cancelled, then says so. */
export async function waitForCancel(): Promise<string> {
  const signal = activity.cancellationSignal();
  return new Promise((resolve, reject) => {
    const beat = setInterval(() => activity.heartbeat("alive"), 50);
    signal.addEventListener("abort", () => {
      clearInterval(beat);
      reject(signal.reason as Error);
    });
  });
}

/** Fails its first attempt after a heartbeat; the second answers what the first left. */
export async function resumeFromHeartbeat(): Promise<unknown> {
  const { heartbeatDetails, attempt } = activity.info();
  if (attempt > 1) return heartbeatDetails;
  activity.heartbeat({ page: 7 }, "last");
  throw new Error("crashed after a heartbeat");
}

/** Never ends by itself; the server's timeout ends the attempt. */
export async function hang(): Promise<void> {
  await new Promise<void>((_resolve, reject) => {
    activity.cancellationSignal().addEventListener("abort", () => reject(new Error("worker is shutting down")));
  });
}

export async function echo<T>(value: T): Promise<T> {
  return value;
}

/** Fails with an error of the given type each time. */
export async function failWith(type: string, nextRetryDelayMs: number): Promise<never> {
  throw new ApplicationError(`failed as ${type}`, {
    type,
    ...(nextRetryDelayMs > 0 ? { nextRetryDelay: nextRetryDelayMs } : {}),
  });
}

/** Takes a while, and ends early if it is cancelled. */
export async function takeMs(durationMs: number): Promise<string> {
  const signal = activity.cancellationSignal();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("took its time"), durationMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

/** What an attempt is told about itself. */
export async function describeSelf(): Promise<unknown> {
  const { activityId, activityType, attempt, isLocal, taskQueue, workflowType } = activity.info();
  return { activityId, activityType, attempt, isLocal, taskQueue, workflowType };
}

/** Ignores its cancellation and succeeds. */
export async function insist(): Promise<string> {
  const signal = activity.cancellationSignal();
  return new Promise((resolve) => {
    const beat = setInterval(() => activity.heartbeat(), 20);
    signal.addEventListener("abort", () => {
      clearInterval(beat);
      resolve("done anyway");
    });
  });
}
