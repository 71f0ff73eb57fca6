import { threadId } from "node:worker_threads";
import * as activity from "../../activity.ts";
import { ApplicationError } from "../../exceptions.ts";

/** Where it runs. */
export function whereAmI(): { readonly pid: number; readonly threadId: number } {
  return { pid: process.pid, threadId };
}

/** Adds up; a name other than the export's. */
export const sum = activity.defn({ name: "add-up" })((a: number, b: number): number => a + b);

/** Tells its context. */
export function describe(): unknown {
  const { activityType, attempt, workflowId, heartbeatDetails } = activity.info();
  activity.logger.info("described", { attempt });
  activity.metricMeter().createCounter("described").add(1);
  activity.heartbeat("seen", { at: 1 });
  return { activityType, attempt, workflowId, heartbeatDetails };
}

/** Fails with an error of its own. */
export function fail(): never {
  throw new ApplicationError("no way", { type: "NoWay", nonRetryable: true, details: ["because", { deep: 1 }] });
}

/** Waits until it is cancelled, and tells why. */
export async function untilCancelled(): Promise<unknown> {
  activity.heartbeat("waiting");
  await activity.waitForCancelled().catch(() => undefined);
  return activity.cancellationDetails();
}

/** Waits until it is cancelled and ends with that. */
export async function interrupted(): Promise<never> {
  activity.heartbeat("waiting");
  return activity.waitForCancelled();
}

/** Computes without yielding until somebody cancels. */
export function computeUntilCancelled(): string {
  activity.heartbeat("computing");
  while (!activity.isCancelled()) activity.heartbeat();
  return "stopped";
}

/** Never yields, never looks. */
export function spin(): never {
  activity.heartbeat("spinning");
  for (;;);
}

/** Takes its thread or process down. */
export function crash(): never {
  process.exit(7);
}

/** Leaves a rejection that nobody handles. */
export async function leak(): Promise<never> {
  void Promise.reject(new Error("nobody caught this"));
  return new Promise(() => undefined);
}

/** Returns what cannot cross. */
export function returnInstance(): unknown {
  return { inner: new URL("http://localhost/") };
}

/** Leaves its end to somebody else. */
export function later(): never {
  return activity.raiseCompleteAsync();
}

/** Asks the service by the worker's client. */
export async function describeWorkflow(): Promise<string> {
  const { workflowId = "" } = activity.info();
  return (await activity.client().getWorkflowHandle(workflowId).describe()).workflowType;
}

/** Waits until the worker begins to shut down. */
export async function untilShutdown(): Promise<string> {
  activity.heartbeat("waiting");
  await activity.waitForWorkerShutdown();
  return "told";
}

/** Takes its thread or process down, in its first attempt. */
export function crashOnce(): number {
  const { attempt } = activity.info();
  if (attempt === 1) process.exit(7);
  return attempt;
}
