import { encodeSearchAttribute } from "../payload/search-attribute-codec.ts";
import type { SearchAttributeUpdate } from "../payload/search-attributes.ts";
import type { PayloadConverter } from "../payload/payload-converter.ts";
import { inContext } from "../payload/serialization-context.ts";
import type { Payload } from "../proto/gen/common.ts";
import { searchAttributesOf } from "./info.ts";
import { currentRun, writableFrame } from "./runtime/current.ts";
import { fromFailure, isFailureException as isFailure, workflowContext } from "./runtime/failures.ts";
import { fromPayload, toPayload } from "./runtime/top-level.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** Changes search attributes: `upsertSearchAttributes([key.valueSet(3), other.valueUnset()])`. */
export function upsertSearchAttributes(updates: readonly SearchAttributeUpdate[]): void {
  const { run } = writableFrame("change search attributes");
  if (updates.length === 0) return;
  const searchAttributes = Object.fromEntries(
    updates.map((update) => [update.key.name, encodeSearchAttribute(update)]),
  );
  run.searchAttributes = searchAttributesOf(run).updated(...updates);
  run.push({ kind: "upsertSearchAttributes", searchAttributes });
}

/** The workflow's memo. */
export function memo(): Record<string, unknown> {
  const run = currentRun("read the memo");
  return Object.fromEntries(Object.entries(run.memo).map(([key, payload]) => [key, fromPayload(run, payload)]));
}

/**
 * One value of the workflow's memo.
 *
 * @throws {WorkflowUsageError} If there is none by that key and no fallback is given.
 */
export function memoValue<T = unknown>(key: string, ...fallback: readonly [fallback?: T]): T {
  const run = currentRun("read the memo");
  const payload = Object.hasOwn(run.memo, key) ? run.memo[key] : undefined;
  if (payload !== undefined) return fromPayload(run, payload) as T;
  if (fallback.length > 0) return fallback[0] as T;
  throw new WorkflowUsageError(`Cannot read memo "${key}": there is no value by that key`);
}

/** Changes the workflow's memo: a value of null or undefined takes a key away. */
export function upsertMemo(updates: Readonly<Record<string, unknown>>): void {
  const { run } = writableFrame("change the memo");
  const entries = Object.entries(updates).map(
    ([key, value]) => [key, toPayload(run, value ?? undefined), value ?? undefined] as const,
  );
  if (entries.length === 0) return;
  const fields = new Map(Object.entries(run.memo));
  for (const [key, payload, value] of entries) {
    if (value === undefined) fields.delete(key);
    else fields.set(key, payload);
  }
  run.memo = Object.fromEntries(fields);
  run.push({
    kind: "modifyProperties",
    upsertedMemo: Object.fromEntries(entries.map(([key, payload]) => [key, payload])),
  });
}

/** Text about where the workflow stands, for the web UI and the CLI, in Temporal's Markdown. */
export function getCurrentDetails(): string {
  return currentRun("read the current details").currentDetails;
}

/** Sets what {@link getCurrentDetails} reads. */
export function setCurrentDetails(details: string): void {
  writableFrame("set the current details").run.currentDetails = details;
}

/** Whether an earlier run of this cron or retried workflow has succeeded. */
export function hasLastCompletionResult(): boolean {
  return lastResult() !== undefined;
}

/** What the last successful run of this cron or retried workflow answered; undefined if there was none. */
export function lastCompletionResult<T = unknown>(): T | undefined {
  const payload = lastResult();
  return payload === undefined ? undefined : (fromPayload(currentRun("read the last result"), payload) as T);
}

/** How the run before this one failed; undefined if it did not. */
export function lastFailure(): Error | undefined {
  const run = currentRun("read the last failure");
  const { continuedFailure } = run.init;
  return continuedFailure === undefined ? undefined : fromFailure(run, continuedFailure, workflowContext(run));
}

/** Whether an error, if this workflow let it out, would fail the workflow and not only the workflow task. */
export function isFailureException(error: unknown): boolean {
  return isFailure(currentRun("ask about an error"), error);
}

/** The converter of this workflow's payloads, for code that handles `RawValue`s. */
export function payloadConverter(): PayloadConverter {
  const run = currentRun("ask for the payload converter");
  return inContext(run.settings.payloadConverter, workflowContext(run));
}

function lastResult(): Payload | undefined {
  return currentRun("read the last result").init.lastCompletionResult[0];
}
