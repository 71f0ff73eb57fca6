import { SchemaError } from "../../payload/schema.ts";
import { callThrough, type HandleSignalInput } from "../interceptors.ts";
import { groupOfSignal } from "./active-groups.ts";
import { inFrame } from "./current.ts";
import type { Handler, HandlerExecution } from "./handler-set.ts";
import { bind, handlerFrame, withName } from "./handlers.ts";
import type { Run, SignalJob } from "./run.ts";
import { callTopLevel, toHandlerArguments } from "./top-level.ts";

/** Hands a signal to its handler, or keeps it until there is one. */
export function applySignal(run: Run, job: SignalJob): void {
  const handler = run.signals.find(job.signalName);
  if (handler === undefined) run.waitingSignals.push(job);
  else handleSignal(run, handler, job);
}

/** Hands over the signals that waited for a handler of this name; without a name, all that wait. */
export function releaseSignals(run: Run, name: string | undefined): void {
  const waiting = run.waitingSignals;
  run.waitingSignals = name === undefined ? [] : waiting.filter((job) => job.signalName !== name);
  for (const job of waiting) if (name === undefined || job.signalName === name) applySignal(run, job);
}

function handleSignal(run: Run, handler: Handler, job: SignalJob): void {
  let args: readonly unknown[];
  try {
    args = toHandlerArguments(run, job.input, "signal", handler);
  } catch (error) {
    // That one is the code's fault: mended code gets the signal again.
    if (error instanceof SchemaError) return run.failTask(error);
    // Its sender cannot be told any more, and the workflow cannot mend it.
    const reason = error instanceof Error ? error.message : String(error);
    if (!run.facts.isReplaying)
      run.host.log("error", `Dropping signal "${job.signalName}": its arguments cannot be read`, { reason });
    return;
  }
  const input: HandleSignalInput = {
    signal: job.signalName,
    args: withName(handler, job.signalName, args),
    headers: job.headers,
  };
  const execution: HandlerExecution = {
    kind: "signal",
    name: job.signalName,
    id: undefined,
    unfinishedPolicy: handler.unfinishedPolicy,
  };
  run.executions.add(execution);
  const call = (current: HandleSignalInput): unknown => bind(run, handler.target)(...current.args);
  const done = inFrame(handlerFrame(run, groupOfSignal(job.eventId)), () =>
    callTopLevel(run, () => callThrough(run.inbound, "handleSignal", input, call)),
  );
  const forget = (): void => {
    run.executions.delete(execution);
  };
  done.then(forget, forget);
}
