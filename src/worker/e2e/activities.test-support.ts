import { ApplicationError } from "../../exceptions.ts";
import * as activity from "../../activity.ts";

/** Greets by name. */
export async function greet(name: string): Promise<string> {
  return `Hello, ${name}!`;
}

/** Fails until an attempt. */
export async function failUntil(attempt: number): Promise<number> {
  const info = activity.info();
  if (info.attempt < attempt) throw new ApplicationError(`attempt ${info.attempt} fails`, { type: "NotYet" });
  return info.attempt;
}

/** Fails for good. */
export async function failForGood(): Promise<never> {
  throw new ApplicationError("no way", { type: "NoWay", nonRetryable: true, details: ["because"] });
}

/** Goes on from where the attempt before was when it failed. */
export async function countTo(wanted: number): Promise<readonly number[]> {
  const [from = 0] = activity.info().heartbeatDetails as readonly [number?];
  for (let count = from + 1; count <= wanted; count++) {
    activity.heartbeat(count);
    if (count === from + 2) throw new Error("interrupted");
  }
  return [from, wanted];
}

/** Heartbeats once and then hangs, in its first attempt. */
export async function hangOnce(): Promise<unknown> {
  const { attempt, heartbeatDetails } = activity.info();
  if (attempt > 1) return heartbeatDetails;
  activity.heartbeat("alive");
  return activity.waitForCancelled();
}

/** Heartbeats until it is cancelled. */
export async function untilCancelled(): Promise<never> {
  for (;;) {
    activity.heartbeat();
    await activity.sleep("1s");
  }
}

/** Waits for its end. */
export async function interrupted(): Promise<never> {
  return activity.waitForCancelled();
}

/** Waits, whatever happens, and tells why it was asked to stop. */
export async function outlast(duration: string): Promise<unknown> {
  await activity.sleep(duration).catch(() => undefined);
  return activity.cancellationDetails();
}

export const taskTokens: Uint8Array[] = [];

/** Leaves its completion to whoever takes its token. */
export async function completeLater(): Promise<never> {
  taskTokens.push(activity.info().taskToken);
  return activity.raiseCompleteAsync();
}

/** Asks the service through the worker's own client. */
export async function describeSelf(): Promise<string> {
  const { workflowId = "" } = activity.info();
  const description = await activity.client().getWorkflowHandle(workflowId).describe();
  return description.workflowType;
}
