import { CancellationScope } from "../cancellation-scope.ts";
import type { ActiveGroups } from "./active-groups.ts";
import type { AnyFunction } from "../types.ts";
import type { Handler, HandlerExecution } from "./handler-set.ts";
import type { Frame, Run, UpdateInfo } from "./run.ts";

/** The frame of a handler: its scope is no part of the run method's, so the workflow's cancellation does not reach it. */
export function handlerFrame(run: Run, groups: ActiveGroups | undefined, update?: UpdateInfo): Frame {
  return { run, scope: new CancellationScope({ parent: null }), update, groups };
}

/** A handler's function, or its validator, ready to be called. */
export function bind(run: Run, target: AnyFunction | string): (...args: readonly unknown[]) => unknown {
  if (typeof target !== "string") return target as (...args: readonly unknown[]) => unknown;
  const instance = run.instance as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  return (...args) => instance[target]?.(...args);
}

/** Arguments as a handler takes them: a dynamic one gets the name first. */
export function withName(handler: Handler, name: string, args: readonly unknown[]): readonly unknown[] {
  return handler.name === undefined ? [name, ...args] : args;
}

/** What names the handlers that still run as the workflow ends. */
export function warnOfUnfinished(run: Run): void {
  if (run.facts.isReplaying) return;
  const unfinished = [...run.executions].filter(({ unfinishedPolicy }) => unfinishedPolicy === "warnAndAbandon");
  for (const kind of ["update", "signal"] as const) {
    const ofKind = unfinished.filter((execution) => execution.kind === kind);
    if (ofKind.length > 0) run.host.log("warn", unfinishedMessage(kind), { handlers: describe(ofKind) });
  }
}

function unfinishedMessage(kind: "update" | "signal"): string {
  const consequence =
    kind === "update"
      ? " Whoever sent the update gets an error that the workflow has completed instead of the update's result."
      : "";
  return (
    `[TMPRL1102] Workflow finished while ${kind} handlers are still running, which may have interrupted what they were doing.${consequence}` +
    ` To wait for all handlers: await workflow.waitCondition(() => workflow.allHandlersFinished()).` +
    ` If interrupting them is fine, say so: @workflow.${kind}({ unfinishedPolicy: "abandon" }).`
  );
}

function describe(executions: readonly HandlerExecution[]): unknown {
  return executions.map(({ name, id }) => (id === undefined ? { name } : { name, id }));
}
