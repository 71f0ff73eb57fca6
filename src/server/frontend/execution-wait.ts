import type { IncomingCall } from "../../rpc/transport.ts";
import type { Services } from "../services.ts";
import type { LiveExecution } from "../standalone/live-executions.ts";
import type { RunKey } from "../store/store.ts";
import { executionPollUntilMs } from "./polling.ts";

/** What a caller waits for. */
export interface ExecutionWait<State> {
  /** The execution as it is now; `undefined` if it was deleted. */
  readonly load: (key: RunKey) => LiveExecution<State> | undefined;
  readonly isWanted: (execution: LiveExecution<State>) => boolean;
  /** The error for whoever waits for one that was deleted. */
  readonly gone: (id: string) => Error;
}

/** A standalone execution when it is as wanted; `undefined` if that does not come about in time. @throws {@link ExecutionWait.gone} */
export async function waitForExecution<State>(
  services: Services,
  found: LiveExecution<State>,
  call: IncomingCall,
  { load, isWanted, gone }: ExecutionWait<State>,
): Promise<LiveExecution<State> | undefined> {
  const { clock, engine } = services;
  const untilMs = executionPollUntilMs(services, call);
  let execution = found;
  while (!isWanted(execution)) {
    if (call.signal.aborted || clock.now() >= untilMs) return undefined;
    await engine.watchers.next(found.key, call.signal, (fire) => clock.schedule(untilMs, fire));
    const live = load(found.key);
    if (live === undefined) throw gone(found.id);
    execution = live;
  }
  // Nothing that is not durable is shown: what a crash takes back must not have been seen.
  await engine.durable;
  return execution;
}
