import { threadId } from "node:worker_threads";
import * as activity from "perdure/activity";

/** Where it runs, and whether it is told of its attempt there. */
export function where() {
  activity.heartbeat("here");
  return { pid: process.pid, threadId, attempt: activity.info().attempt };
}

/** Ends its thread or process in its first attempt. */
export function crashOnce() {
  const { attempt } = activity.info();
  if (attempt === 1) process.exit(7);
  return attempt;
}
