import type { DoUpdate } from "../../core/replay/activation.ts";
import { SchemaError } from "../../payload/schema.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { callThrough, type HandleUpdateInput } from "../interceptors.ts";
import { ReadOnlyContextError, WorkflowUsageError } from "../workflow-error.ts";
import { groupOfUpdate } from "./active-groups.ts";
import { inFrame } from "./current.ts";
import { isFailureException, toFailure } from "./failures.ts";
import type { Handler, HandlerExecution } from "./handler-set.ts";
import { bind, handlerFrame, withName } from "./handlers.ts";
import type { Run } from "./run.ts";
import { toHandlerArguments, toPayload } from "./top-level.ts";

/** Hands an update to its handler. One without a handler waits until this activation's code has had its chance to set one. */
export function applyUpdate(run: Run, update: DoUpdate): void {
  const handler = run.updates.find(update.name);
  if (handler === undefined) run.waitingUpdates.push(update);
  else handleUpdate(run, handler, update);
}

/** Hands over the updates that waited for a handler of this name; without a name, all that wait. */
export function releaseUpdates(run: Run, name: string | undefined): void {
  const waiting = run.waitingUpdates;
  run.waitingUpdates = name === undefined ? [] : waiting.filter((update) => update.name !== name);
  for (const update of waiting) if (name === undefined || update.name === name) applyUpdate(run, update);
}

/** Refuses the updates for which no handler came. True if there were any. */
export function refuseWaitingUpdates(run: Run): boolean {
  const waiting = run.waitingUpdates;
  run.waitingUpdates = [];
  for (const update of waiting) {
    const known = run.updates.names().join(" ");
    reject(
      run,
      update,
      new WorkflowUsageError(
        `Update handler for '${update.name}' expected but not found, and there is no dynamic handler. known updates: [${known}]`,
      ),
    );
  }
  return waiting.length > 0;
}

function handleUpdate(run: Run, handler: Handler, update: DoUpdate): void {
  const execution: HandlerExecution = {
    kind: "update",
    name: update.name,
    id: update.id,
    unfinishedPolicy: handler.unfinishedPolicy,
  };
  run.executions.add(execution);
  const frame = handlerFrame(run, groupOfUpdate(update.id), { id: update.id, name: update.name });
  inFrame(frame, () => acceptAndCall(run, handler, update))
    .finally(() => run.executions.delete(execution))
    .catch((error: unknown) => run.failTask(error));
}

async function acceptAndCall(run: Run, handler: Handler, update: DoUpdate): Promise<void> {
  let input: HandleUpdateInput;
  try {
    input = validated(run, handler, update);
  } catch (error) {
    // A validator that changes things is a bug of the workflow's, not a fault of the update's.
    if (error instanceof ReadOnlyContextError || error instanceof SchemaError) run.failTask(error);
    else reject(run, update, error);
    return;
  }
  respond(run, update, { status: "accepted" });
  try {
    const call = (current: HandleUpdateInput): unknown => bind(run, handler.target)(...current.args);
    const result = await callThrough(run.inbound, "handleUpdate", input, call);
    respond(run, update, { status: "completed", result: toPayload(run, result) });
  } catch (error) {
    if (isFailureException(run, error)) respond(run, update, { status: "failed", failure: toFailure(run, error) });
    else run.failTask(error);
  }
}

function validated(run: Run, handler: Handler, update: DoUpdate): HandleUpdateInput {
  const toInput = (): HandleUpdateInput => {
    const args = toHandlerArguments(run, update.input, "update", handler);
    return { id: update.id, update: update.name, args: withName(handler, update.name, args), headers: update.headers };
  };
  const input = toInput();
  const { validator } = handler;
  if (!update.runValidator || validator === undefined) return input;
  const validate = (current: HandleUpdateInput): void => {
    bind(run, validator)(...current.args);
  };
  run.readOnly(() => callThrough(run.inbound, "validateUpdate", input, validate), true);
  // Read once more: the validator may have changed what it was given.
  return toInput();
}

function reject(run: Run, update: DoUpdate, error: unknown): void {
  respond(run, update, { status: "rejected", failure: toFailure(run, error) });
}

type Response =
  | { readonly status: "accepted" }
  | { readonly status: "rejected" | "failed"; readonly failure: Failure }
  | { readonly status: "completed"; readonly result: Awaited<ReturnType<typeof toPayload>> };

function respond(run: Run, { protocolInstanceId }: DoUpdate, response: Response): void {
  run.push({ kind: "updateResponse", protocolInstanceId, response: response as never });
}
