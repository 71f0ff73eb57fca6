import { inContext } from "../../payload/serialization-context.ts";
import { isCancelledException } from "../../payload/operation-error.ts";
import { RawValue } from "../../payload/payload-converter.ts";
import { decodeArgsWith, type StandardSchema } from "../../payload/schema.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { ContinueAsNewError } from "../continue-as-new-options.ts";
import type { DynamicWorkflowConfig } from "../definition.ts";
import { callThrough, type ExecuteWorkflowInput } from "../interceptors.ts";
import type { Instance } from "../types.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import { groupsOfEnd } from "./active-groups.ts";
import { toContinueAsNewCommand } from "./continue-as-new.ts";
import { isFailureException, toFailure, workflowContext } from "./failures.ts";
import type { Handler } from "./handler-set.ts";
import type { Run } from "./run.ts";

/** Makes the workflow's object and hands it its arguments, before any handler is called. */
export function instantiate(run: Run): void {
  const { cls, initMethod, dynamicConfigMethod } = run.settings.definition;
  const { name, schemas } = run.settings.definition;
  run.args = toArguments(run, run.init.arguments, {
    isDynamic: name === undefined,
    schemas: schemas?.args,
    what: `workflow "${run.init.workflowType}"`,
  });
  // They may be large, and from here on the workflow itself decides what it keeps.
  run.details = { ...run.init, arguments: [] };
  const instance = new (cls as new () => Instance)();
  run.instance = instance;
  if (initMethod !== undefined) callMethod(instance, initMethod, run.args);
  if (dynamicConfigMethod === undefined) return;
  const config = run.readOnly(() => callMethod(instance, dynamicConfigMethod, []), false) as
    | DynamicWorkflowConfig
    | undefined;
  run.versioningBehavior = config?.versioningBehavior ?? run.versioningBehavior;
  run.failureExceptionTypes = config?.failureExceptionTypes ?? run.failureExceptionTypes;
}

/** Calls the run method, and ends the workflow when it has ended. */
export function startRunMethod(run: Run): void {
  const { instance, inbound } = run;
  if (instance === undefined) throw new WorkflowUsageError("Cannot start the workflow: it has no object");
  const input: ExecuteWorkflowInput = { args: run.args, headers: run.init.headers };
  run.args = [];
  const call = async (current: ExecuteWorkflowInput): Promise<unknown> => instance.run(...(current.args as never[]));
  callTopLevel(run, () => callThrough(inbound, "executeWorkflow", input, call))
    .then(
      (result) => complete(run, result),
      () => undefined,
    )
    .catch((error: unknown) => run.failTask(error));
}

/**
 * Calls code of the workflow that nobody else waits for. What it throws ends the workflow or fails its task; the promise
 * answered then rejects, so that the caller goes on only after success.
 */
export async function callTopLevel<T>(run: Run, code: () => T): Promise<Awaited<T>> {
  try {
    return await code();
  } catch (error) {
    settleError(run, error);
    throw error;
  }
}

/** What an error that workflow code has let out does to the workflow. */
export function settleError(run: Run, error: unknown): void {
  try {
    if (error instanceof ContinueAsNewError) run.end(toContinueAsNewCommand(run, error.input), groupsOfEnd(error));
    else if (run.cancelReason !== undefined && isCancelledException(error)) run.end({ kind: "cancelWorkflow" });
    else if (isFailureException(run, error)) run.end({ kind: "failWorkflow", failure: toFailure(run, error) });
    else run.failTask(error);
  } catch (conversionError) {
    run.failTask(conversionError);
  }
}

function complete(run: Run, result: unknown): void {
  try {
    run.end({ kind: "completeWorkflow", result: toPayload(run, result) });
  } catch (error) {
    settleError(run, error);
  }
}

/** What takes arguments, and how. */
export interface ArgumentsTarget {
  /** It gets them unconverted, in one list. */
  readonly isDynamic: boolean;
  readonly schemas: readonly StandardSchema[] | undefined;
  /** Names it in errors. */
  readonly what: string;
}

/** Arguments for a handler; see {@link toArguments}. */
export function toHandlerArguments(
  run: Run,
  payloads: readonly Payload[],
  kind: "signal" | "query" | "update",
  handler: Handler,
): unknown[] {
  return toArguments(run, payloads, {
    isDynamic: handler.name === undefined,
    schemas: handler.schemas?.args,
    what: `${kind} "${handler.name ?? ""}"`,
  });
}

/**
 * Arguments for code of the workflow, as its schemas read them.
 *
 * @throws {ApplicationError} If one does not suit its schema.
 * @throws {SchemaError} If a schema is asynchronous.
 */
export function toArguments(run: Run, payloads: readonly Payload[], target: ArgumentsTarget): unknown[] {
  if (target.isDynamic) return [Array.from(payloads, (payload) => new RawValue(payload))];
  const args = inContext(run.settings.payloadConverter, workflowContext(run)).fromPayloads(payloads);
  return target.schemas === undefined ? args : decodeArgsWith(target.schemas, args, target.what);
}

/** The payload of a value that stays with this workflow. */
export function toPayload(run: Run, value: unknown): Payload {
  return inContext(run.settings.payloadConverter, workflowContext(run)).toPayload(value);
}

/** The value of a payload that belongs to this workflow. */
export function fromPayload(run: Run, payload: Payload): unknown {
  return inContext(run.settings.payloadConverter, workflowContext(run)).fromPayload(payload);
}

function callMethod(instance: object, name: string, args: readonly unknown[]): unknown {
  return (instance as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>)[name]?.(...args);
}
