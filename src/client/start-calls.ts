import { WorkflowAlreadyStartedError } from "../payload/already-started-error.ts";
import { Link } from "../proto/gen/common.ts";
import { EventType } from "../proto/gen/enums.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { RPCErrorDetail } from "../rpc/rpc-error.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs } from "./calls-context.ts";
import { callOrigin } from "./call-origin.ts";
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
  const origin = callOrigin();
  const { taskQueue } = options;
  const slot =
    options.requestEagerStart === true
      ? connection.eagerWorkers.reserve({ namespace, taskQueue, workflowType })
      : undefined;
  const call = connection.call(
    methods.StartWorkflowExecution,
    {
      ...fields,
      requestId: (origin?.callbacks === undefined ? undefined : origin.requestId) ?? fields.requestId ?? "",
      links: [...(fields.links ?? []), ...(origin?.links ?? [])],
      // A workflow that runs already learns of the request too.
      onConflictOptions: origin && {
        attachRequestId: true,
        attachCompletionCallbacks: true,
        attachLinks: true,
      },
      completionCallbacks: [...(options.completionCallbacks ?? []), ...(origin?.callbacks ?? [])],
      requestEagerExecution: slot !== undefined,
      eagerWorkerDeploymentOptions: slot?.deployment,
    },
    { ...options, retry: true },
  );
  // The slot belongs to this start until its task, if there is one, is handed over.
  const { runId, eagerWorkflowTask, link } = await call.catch((error: unknown) => {
    slot?.release();
    throw error;
  });
  origin?.addLink(link ?? startedLink(context, { workflowId: options.id, runId, requestId: origin.requestId }));
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
  const origin = callOrigin();
  const fields = await toStartFields(context, input);
  const { runId, signalLink } = await context.connection.call(
    methods.SignalWithStartWorkflowExecution,
    {
      ...fields,
      links: [...(fields.links ?? []), ...(origin?.links ?? [])],
      signalName,
      signalInput: await encodeArgs(converter, options.startSignalArgs ?? []),
    },
    { ...options, retry: true },
  );
  if (signalLink !== undefined) origin?.addLink(signalLink);
  return {
    workflowId: options.id,
    runId,
    firstExecutionRunId: undefined,
    eagerlyStarted: false,
  };
}

/** The link that newer services give with the answer. */
function startedLink(
  { namespace }: CallsContext,
  started: { readonly workflowId: string; readonly runId: string; readonly requestId: string },
): Link {
  const { workflowId, runId, requestId } = started;
  const value = { requestId, eventType: EventType.WORKFLOW_EXECUTION_STARTED };
  return Link.create({
    variant: {
      case: "workflowEvent",
      value: { namespace, workflowId, runId, reference: { case: "requestIdRef", value } },
    },
  });
}
