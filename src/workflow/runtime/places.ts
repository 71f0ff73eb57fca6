import type { IssuedCommand } from "../../core/replay/activation.ts";
import type { Run } from "./run.ts";
import type { SeqTable } from "./seq-table.ts";
import { type Trace, traceText } from "./trace.ts";

/**
 * Where the user's code issued a command, for errors of replay: "file:line:column" in the user's files.
 *
 * A command that is over has left no trace; then it is where the code waits, and if it waits for nothing, where it waited
 * last.
 */
export function placeOf(run: Run, command: IssuedCommand | undefined): string | undefined {
  const trace = (command === undefined ? undefined : traceOf(run, command)) ?? newest(waits(run)) ?? lastWait(run);
  const line = trace === undefined ? undefined : lineOfUser(traceText(trace));
  return line === undefined ? undefined : positionOf(run.host.mapStack(line));
}

function traceOf(run: Run, { kind, id }: IssuedCommand): Trace | undefined {
  switch (kind) {
    case "startTimer":
    case "cancelTimer":
      return run.timers.get(Number(id))?.trace;
    case "scheduleActivity":
    case "scheduleLocalActivity":
    case "requestCancelActivity":
      return [...run.activities.values()].find(({ activityId }) => activityId === id)?.trace;
    case "startChildWorkflow":
    case "cancelChildWorkflow":
      return [...run.children.values()].find(({ workflowId }) => workflowId === id)?.trace;
    case "signalExternalWorkflow":
      return newest(run.externalSignals.values());
    case "requestCancelExternal":
      return newest(run.externalCancels.values());
    case "scheduleNexusOperation":
      return newest(run.nexusOperations.values());
    default:
      return run.replayedTraces?.get(kind);
  }
}

function tablesOf(run: Run): readonly SeqTable<{ readonly trace: Trace }>[] {
  return [run.timers, run.activities, run.children, run.externalSignals, run.externalCancels, run.nexusOperations];
}

function waits(run: Run): { readonly trace: Trace }[] {
  const pending = tablesOf(run).flatMap((table) => [...table.values()]);
  return [...pending, ...[...run.conditions.values()].map(({ operation }) => operation)];
}

function lastWait(run: Run): Trace | undefined {
  const taken = tablesOf(run).flatMap(({ lastTaken }) => (lastTaken === undefined ? [] : [lastTaken]));
  return taken.toSorted((a, b) => a.at - b.at).at(-1)?.item.trace;
}

function newest(pending: Iterable<{ readonly trace: Trace }>): Trace | undefined {
  return [...pending].at(-1)?.trace;
}

/** The first line of a trace that is not of this package: its first line of all tells where the package is. */
function lineOfUser(trace: string): string | undefined {
  const lines = trace.split("\n");
  const own = positionOf(lines[0] ?? "")?.replace(/(workflow\/runtime\/trace\.[cm]?[jt]s)?:\d+:\d+$/, "");
  return lines.find((line) => {
    const position = positionOf(line);
    return position !== undefined && own !== undefined && !position.startsWith(own) && !position.startsWith("node:");
  });
}

/** "file:line:column" of a line of a stack. */
function positionOf(line: string): string | undefined {
  return /^\s*at (?:.*\()?(.+?:\d+:\d+)\)?$/.exec(line)?.[1]?.replace(/^async /, "");
}
