import type { ActivationCompletion } from "../../core/replay/activation.ts";
import { NondeterminismError } from "../../core/errors.ts";
import { FailureError } from "../../payload/failure-error.ts";
import { inContext, type SerializationContext } from "../../payload/serialization-context.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { FailureType } from "../definition.ts";
import type { WorkflowHost } from "../host.ts";
import type { Run } from "./run.ts";

/** Classes that every realm has its own of, so that only their names tell. */
const builtinErrors: ReadonlySet<string> = new Set([
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
]);

/** Whether an error fails the workflow that throws it, and not only the workflow task. */
export function isFailureException(run: Run, error: unknown): boolean {
  if (error instanceof FailureError) return true;
  return [...run.failureExceptionTypes, ...run.settings.failureExceptionTypes].some((type) => isOfType(error, type));
}

function isOfType(error: unknown, type: FailureType): boolean {
  if (typeof type === "string") return hasClassName(error, type);
  return error instanceof type || (builtinErrors.has(type.name) && hasClassName(error, type.name));
}

function hasClassName(error: unknown, name: string): boolean {
  if (typeof error !== "object" || error === null) return false;
  if ("name" in error && error.name === name) return true;
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    typeof prototype === "object" && prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    if (Object.hasOwn(prototype, "constructor") && (prototype.constructor as { readonly name?: unknown }).name === name)
      return true;
  }
  return false;
}

/** The workflow itself, as converters know it. */
export function workflowContext(run: Run, workflowId = run.init.workflowId): SerializationContext {
  return { kind: "workflow", namespace: run.init.namespace, workflowId };
}

/** An error of workflow code as a failure, its stacks naming the user's files. */
export function toFailure(run: Run, error: unknown): Failure {
  const { payloadConverter, failureConverter, host } = run.settings;
  const context = workflowContext(run);
  const failure = inContext(failureConverter, context).toFailure(error, inContext(payloadConverter, context));
  return withMappedStacks(failure, host);
}

/** The error of a failure that came from elsewhere. */
export function fromFailure(run: Run, failure: Failure, context: SerializationContext): Error {
  const { payloadConverter, failureConverter } = run.settings;
  return inContext(failureConverter, context).fromFailure(failure, inContext(payloadConverter, context));
}

function withMappedStacks(failure: Failure, host: WorkflowHost): Failure {
  const cause = failure.cause === undefined ? undefined : withMappedStacks(failure.cause, host);
  return { ...failure, cause, stackTrace: failure.stackTrace === "" ? "" : host.mapStack(failure.stackTrace) };
}

/** The answer to an activation whose workflow task fails. */
export function toTaskFailure(run: Run, error: unknown): ActivationCompletion {
  const { NON_DETERMINISTIC_ERROR, WORKFLOW_WORKER_UNHANDLED_FAILURE } = WorkflowTaskFailedCause;
  const cause = error instanceof NondeterminismError ? NON_DETERMINISTIC_ERROR : WORKFLOW_WORKER_UNHANDLED_FAILURE;
  try {
    return { status: "failed", failure: toFailure(run, error), cause };
  } catch (conversionError) {
    const message = `Failed converting activation exception: ${conversionError instanceof Error ? conversionError.message : "unknown"}`;
    const failure = Failure.create({ message, failureInfo: { case: "applicationFailureInfo", value: {} } });
    return { status: "failed", failure, cause };
  }
}
