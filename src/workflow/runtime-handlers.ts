import { writableFrame, currentRun } from "./runtime/current.ts";
import type { Handler, HandlerSet } from "./runtime/handler-set.ts";
import { bind } from "./runtime/handlers.ts";
import type { Run } from "./runtime/run.ts";
import { releaseSignals } from "./runtime/signals.ts";
import { releaseUpdates } from "./runtime/updates.ts";
import type { HandlerUnfinishedPolicy } from "./marks.ts";
import type { AnyFunction } from "./types.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** What a handler that is set at run time may be told. */
export interface RuntimeHandlerOptions {
  /** Shown by the CLI and the web UI. */
  readonly description?: string;
  /** @default "warnAndAbandon" */
  readonly unfinishedPolicy?: HandlerUnfinishedPolicy;
}

/** What the handler of an update may be told. */
export interface RuntimeUpdateOptions extends RuntimeHandlerOptions {
  /** What it throws refuses the update; it must change nothing. */
  readonly validator?: AnyFunction;
}

/** A handler for what no other has: the name, and the arguments as an array of `RawValue`s. */
export type DynamicHandler = (name: string, args: never) => unknown;

/** A handler as it may be called. */
export type BoundHandler = (...args: readonly unknown[]) => unknown;

/** The handler of a signal; undefined if there is none but perhaps a dynamic one. */
export function getSignalHandler(name: string): BoundHandler | undefined {
  return get("signal", name);
}

/** Sets the handler of a signal, or takes it away. Signals of that name that have waited for it come at once. */
export function setSignalHandler(
  name: string,
  handler: AnyFunction | undefined,
  options: RuntimeHandlerOptions = {},
): void {
  set("signal", name, handler, options);
}

/** The handler of signals that no other has. */
export function getDynamicSignalHandler(): BoundHandler | undefined {
  return get("signal", undefined);
}

/** Sets the handler of signals that no other has, or takes it away. Signals that have waited come at once. */
export function setDynamicSignalHandler(
  handler: DynamicHandler | undefined,
  options: RuntimeHandlerOptions = {},
): void {
  set("signal", undefined, handler, options);
}

/** The handler of a query. */
export function getQueryHandler(name: string): BoundHandler | undefined {
  return get("query", name);
}

/** Sets the handler of a query, or takes it away. It must not wait or change anything. */
export function setQueryHandler(
  name: string,
  handler: AnyFunction | undefined,
  options: RuntimeHandlerOptions = {},
): void {
  set("query", name, handler, options);
}

/** The handler of queries that no other has. */
export function getDynamicQueryHandler(): BoundHandler | undefined {
  return get("query", undefined);
}

/** Sets the handler of queries that no other has, or takes it away. */
export function setDynamicQueryHandler(handler: DynamicHandler | undefined, options: RuntimeHandlerOptions = {}): void {
  set("query", undefined, handler, options);
}

/** The handler of an update. */
export function getUpdateHandler(name: string): BoundHandler | undefined {
  return get("update", name);
}

/** Sets the handler of an update, or takes it away. Updates of that name in the same workflow task come at once. */
export function setUpdateHandler(
  name: string,
  handler: AnyFunction | undefined,
  options: RuntimeUpdateOptions = {},
): void {
  set("update", name, handler, options);
}

/** The handler of updates that no other has. */
export function getDynamicUpdateHandler(): BoundHandler | undefined {
  return get("update", undefined);
}

/** Sets the handler of updates that no other has, or takes it away. */
export function setDynamicUpdateHandler(handler: DynamicHandler | undefined, options: RuntimeUpdateOptions = {}): void {
  set("update", undefined, handler, options);
}

/** Whether no handler of a signal or update runs: `await waitCondition(allHandlersFinished)` before the workflow ends. */
export function allHandlersFinished(): boolean {
  return currentRun("ask about handlers").executions.size === 0;
}

type Kind = "signal" | "query" | "update";

function get(kind: Kind, name: string | undefined): BoundHandler | undefined {
  const run = currentRun(`ask for a ${kind} handler`);
  const handler = setOf(run, kind).get(name);
  return handler === undefined ? undefined : bind(run, handler.target);
}

function set(
  kind: Kind,
  name: string | undefined,
  target: AnyFunction | undefined,
  options: RuntimeUpdateOptions,
): void {
  const { run } = writableFrame(`set a ${kind} handler`);
  if (target !== undefined && typeof target !== "function")
    throw new WorkflowUsageError(
      `Cannot set the handler of ${kind} "${name}": found ${typeof target}, expected a function`,
    );
  const handler: Handler | undefined =
    target === undefined
      ? undefined
      : {
          name,
          target,
          description: options.description,
          unfinishedPolicy: options.unfinishedPolicy ?? "warnAndAbandon",
          validator: options.validator,
        };
  setOf(run, kind).set(name, handler);
  if (handler === undefined) return;
  if (kind === "signal") releaseSignals(run, name);
  if (kind === "update") releaseUpdates(run, name);
}

function setOf(run: Run, kind: Kind): HandlerSet {
  return kind === "signal" ? run.signals : kind === "query" ? run.queries : run.updates;
}
