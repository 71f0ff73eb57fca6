import { WorkflowAlreadyStartedError } from "../payload/already-started-error.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { RPCErrorDetail } from "../rpc/rpc-error.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs } from "./calls-context.ts";
import { firstDetail } from "./error-details.ts";
import type { StartedWorkflow, StartWorkflowInput } from "./interceptor.ts";
import { toStartFields } from "./start-request.ts";

const { methods } = WorkflowService;

/** Starts a workflow, with a signal if there is one. @throws {WorkflowAlreadyStartedError} If its id is taken. */
export async function startWorkflow(context: CallsContext, input: StartWorkflowInput): Promise<StartedWorkflow> {
  try {
    return input.options.startSignal === undefined
      ? await startPlainly(context, input)
      : await startWithSignal(context, input, input.options.startSignal);
  } catch (error) {
    throw alreadyStarted(error, input) ?? error;
  }
}

/** The error that says that a workflow's id is taken, if that is what an error of the service means. */
export function alreadyStarted(
  error: unknown,
  start: { readonly workflowType: string; readonly options: { readonly id: string } },
): WorkflowAlreadyStartedError | undefined {
  if (!(error instanceof RPCError)) return undefined;
  return alreadyStartedFrom(error.status, error.details, start);
}

/** As {@link alreadyStarted}, from an error's parts. */
export function alreadyStartedFrom(
  status: number,
  details: readonly RPCErrorDetail[],
  start: { readonly workflowType: string; readonly options: { readonly id: string } },
): WorkflowAlreadyStartedError | undefined {
  if (status !== RPCStatusCode.ALREADY_EXISTS) return undefined;
  const failure = firstDetail(details, WorkflowExecutionAlreadyStartedFailure);
  if (failure === undefined) return undefined;
  const { runId } = failure;
  return new WorkflowAlreadyStartedError(start.options.id, start.workflowType, { runId });
}

async function startPlainly(context: CallsContext, input: StartWorkflowInput): Promise<StartedWorkflow> {
  const { connection, namespace } = context;
  const { options, workflowType } = input;
  const fields = await toStartFields(context, input);
  const { taskQueue } = options;
  const slot =
    options.requestEagerStart === true
      ? connection.eagerWorkers.reserve({ namespace, taskQueue, workflowType })
      : undefined;
  const call = connection.call(
    methods.StartWorkflowExecution,
    {
      ...fields,
      completionCallbacks: options.completionCallbacks ?? [],
      requestEagerExecution: slot !== undefined,
      eagerWorkerDeploymentOptions: slot?.deployment,
    },
    { ...options, retry: true },
  );
  // The slot belongs to this start until its task, if there is one, is handed over.
  const { runId, eagerWorkflowTask } = await call.catch((error: unknown) => {
    slot?.release();
    throw error;
  });
  const eagerlyStarted = slot !== undefined && eagerWorkflowTask !== undefined;
  if (eagerlyStarted) slot.run(eagerWorkflowTask);
  else slot?.release();
  return { workflowId: options.id, runId, firstExecutionRunId: runId, eagerlyStarted };
}

async function startWithSignal(
  context: CallsContext,
  input: StartWorkflowInput,
  signalName: string,
): Promise<StartedWorkflow> {
  const { options } = input;
  const converter = converterFor(context, options.id, { type: input.workflowType });
  const { runId } = await context.connection.call(
    methods.SignalWithStartWorkflowExecution,
    {
      ...(await toStartFields(context, input)),
      signalName,
      signalInput: await encodeArgs(converter, options.startSignalArgs ?? []),
    },
    { ...options, retry: true },
  );
  return {
    workflowId: options.id,
    runId,
    firstExecutionRunId: undefined,
    eagerlyStarted: false,
  };
}
