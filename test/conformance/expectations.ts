import assert from "node:assert/strict";
import { type WorkflowHandle, WorkflowFailureError, WorkflowUpdateFailedError } from "perdure/client";

/** Fails unless the value is true; unlike `assert` it reads no source for its message, which compiled code leads astray. */
export function check(value: unknown, message = "a condition does not hold"): asserts value {
  if (!value) assert.fail(message);
}

/** What a promise was rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => assert.fail(`wanted a rejection, found ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
}

/** The failure that a workflow ended with. */
export async function failureOf(result: Promise<unknown>): Promise<WorkflowFailureError> {
  const error = await rejectionOf(result);
  check(error instanceof WorkflowFailureError, `wanted a WorkflowFailureError, found ${String(error)}`);
  return error;
}

/** The failure that an update was rejected with, or that its handler threw. */
export async function updateFailureOf(result: Promise<unknown>): Promise<Error> {
  const error = await rejectionOf(result);
  check(error instanceof WorkflowUpdateFailedError, `wanted a WorkflowUpdateFailedError, found ${String(error)}`);
  return error.cause;
}

/** Kinds of the events in a history: the names of their attributes without the ending that all share. */
export async function eventKindsOf(handle: Pick<WorkflowHandle, "fetchHistory">): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return events.map((event) => (event.attributes?.case ?? "").replace(/EventAttributes$/, ""));
}

/** How often something is in a list. */
export function count<T>(list: readonly T[], one: T): number {
  return list.filter((other) => other === one).length;
}

/** The first items of a list that comes one by one; all of them unless a number is given. */
export async function take<T>(items: AsyncIterable<T>, most = Infinity): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) >= most) break;
  return taken;
}
