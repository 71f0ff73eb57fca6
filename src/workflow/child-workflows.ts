import type { ChildWorkflowHandle, ChildWorkflowOptions, StartChildWorkflowInput } from "./child-workflow-options.ts";
import { definitionOf, type WorkflowDefinition, wireNameOf } from "./definition.ts";
import { decodeWith } from "../payload/schema.ts";
import { callThrough, type SignalChildWorkflowInput } from "./interceptors.ts";
import { ChildCall } from "./runtime/child-call.ts";
import { inGroups } from "./event-groups.ts";
import { writableFrame } from "./runtime/current.ts";
import { unobserved } from "./runtime/operation.ts";
import { sendSignal } from "./runtime/requests.ts";
import type { ClassOf, Instance, OptionsWithArgs, WorkflowArgs, WorkflowResult } from "./types.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

type CallArgs = { readonly args?: readonly unknown[] };

/** What is known of a child: from its class if it was started by that. */
interface ChildType {
  readonly name: string;
  readonly definition: WorkflowDefinition | undefined;
}

/**
 * Starts a child workflow; answers once the service has started it.
 *
 * @param workflow The child's class, or its type's name.
 * @throws {WorkflowAlreadyStartedError} If its id is in use.
 */
export function startChildWorkflow<I extends Instance>(
  workflow: ClassOf<I>,
  ...options: OptionsWithArgs<ChildWorkflowOptions, WorkflowArgs<I>>
): Promise<ChildWorkflowHandle<I>>;
/** By name, typed by a class imported as a type only: `startChildWorkflow<SayHello>("SayHello", …)`. */
export function startChildWorkflow<I extends Instance>(
  workflow: string,
  ...options: OptionsWithArgs<ChildWorkflowOptions, WorkflowArgs<I>>
): Promise<ChildWorkflowHandle<I>>;
export function startChildWorkflow<R = unknown>(
  workflow: string,
  options?: ChildWorkflowOptions & CallArgs,
): Promise<ChildWorkflowHandle<never, R>>;
export function startChildWorkflow(workflow: unknown, options?: ChildWorkflowOptions & CallArgs): Promise<unknown> {
  return start(workflow, options);
}

/**
 * Runs a child workflow and waits for its result.
 *
 * @throws {ChildWorkflowError} If it does not succeed.
 * @throws {WorkflowAlreadyStartedError} If its id is in use.
 */
export function executeChildWorkflow<I extends Instance>(
  workflow: ClassOf<I>,
  ...options: OptionsWithArgs<ChildWorkflowOptions, WorkflowArgs<I>>
): Promise<WorkflowResult<I>>;
export function executeChildWorkflow<R = unknown>(
  workflow: string,
  options?: ChildWorkflowOptions & CallArgs,
): Promise<R>;
export function executeChildWorkflow(workflow: unknown, options?: ChildWorkflowOptions & CallArgs): Promise<unknown> {
  return unobserved(start(workflow, options).then((handle) => handle.result()));
}

function start(
  workflow: unknown,
  { args, ...options }: ChildWorkflowOptions & CallArgs = {},
): Promise<ChildWorkflowHandle<never>> {
  const { run } = writableFrame("start a child workflow");
  const type = typeOf(workflow);
  const input: StartChildWorkflowInput = {
    workflow: type.name,
    args: args ?? [],
    id: options.id ?? run.random.uuid4(),
    options,
    headers: {},
  };
  const schedule = (current: StartChildWorkflowInput): Promise<ChildWorkflowHandle<never>> =>
    inGroups(current.options.eventGroups, () => startCall(current, type.definition));
  return unobserved(callThrough(run.outbound, "startChildWorkflow", input, schedule));
}

async function startCall(
  input: StartChildWorkflowInput,
  definition: WorkflowDefinition | undefined,
): Promise<ChildWorkflowHandle<never>> {
  const { run, scope } = writableFrame("start a child workflow");
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) throw cancelled;
  const schema = definition?.schemas?.result;
  const read = (value: unknown): unknown => decodeWith(schema, value, `the result of workflow "${input.workflow}"`);
  const call = new ChildCall(run, scope, input, schema === undefined ? undefined : read);
  const firstExecutionRunId = await call.start.promise;
  const childWorkflowId = input.id;
  return {
    workflowId: childWorkflowId,
    firstExecutionRunId,
    result: () => call.result.promise as Promise<never>,
    signal: (name: string, ...args: readonly unknown[]) => {
      const frame = writableFrame("signal a child workflow");
      const signal = definition === undefined ? name : wireNameOf(definition, "signal", name);
      const signalInput: SignalChildWorkflowInput = { signal, args, childWorkflowId, headers: {} };
      return callThrough(frame.run.outbound, "signalChildWorkflow", signalInput, (current) =>
        sendSignal(
          { kind: "child", workflowId: current.childWorkflowId },
          current.signal,
          current.args,
          current.headers,
        ),
      );
    },
    cancel: (reason = "") => {
      writableFrame("cancel a child workflow");
      call.requestCancel(reason);
    },
  };
}

function typeOf(workflow: unknown): ChildType {
  if (typeof workflow === "string" && workflow !== "") return { name: workflow, definition: undefined };
  if (typeof workflow !== "function")
    throw new WorkflowUsageError(
      `Cannot start a child workflow: found ${typeof workflow} in place of its class or name`,
    );
  const definition = definitionOf(workflow as unknown as ClassOf<Instance>);
  if (definition.name === undefined)
    throw new WorkflowUsageError(
      `Cannot start child workflow "${workflow.name}": it is dynamic, give the name of the type to run`,
    );
  return { name: definition.name, definition };
}
