import type { DataConverter } from "../payload/data-converter.ts";
import type { StorageTarget } from "../payload/storage-driver.ts";
import type { Failure } from "../proto/gen/failure.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type {
  ActivityContext,
  AsyncActivityRef,
  CompleteAsyncActivityInput,
  FailAsyncActivityInput,
  HeartbeatAsyncActivityInput,
  ReportCancellationAsyncActivityInput,
} from "./async-activity-inputs.ts";
import type { CallsContext } from "./calls-context.ts";
import { encodeArgs } from "./calls-context.ts";
import { AsyncActivityCancelledError } from "./client-error.ts";

const { methods } = WorkflowService;

/** @throws {AsyncActivityCancelledError} If the activity shall stop. */
export async function heartbeatAsyncActivity(context: CallsContext, input: HeartbeatAsyncActivityInput): Promise<void> {
  const { ref, context: of, call } = input;
  const details = await encodeArgs(converterOf(context, ref, of), input.details);
  const fields = { ...fieldsOf(context), details };
  const options = { ...call, retry: true };
  const answer = await ("taskToken" in ref
    ? context.connection.call(methods.RecordActivityTaskHeartbeat, { ...fields, taskToken: ref.taskToken }, options)
    : context.connection.call(methods.RecordActivityTaskHeartbeatById, { ...fields, ...idsOf(ref) }, options));
  const { cancelRequested, activityPaused: paused, activityReset: reset } = answer;
  if (!cancelRequested && !paused && !reset) return;
  throw new AsyncActivityCancelledError({ cancelRequested, paused, reset });
}

/** Ends the activity with a result. */
export async function completeAsyncActivity(context: CallsContext, input: CompleteAsyncActivityInput): Promise<void> {
  const { ref, context: of, call } = input;
  const result = await encodeArgs(converterOf(context, ref, of), [input.result]);
  const fields = { ...fieldsOf(context), result };
  const options = { ...call, retry: true };
  await ("taskToken" in ref
    ? context.connection.call(methods.RespondActivityTaskCompleted, { ...fields, taskToken: ref.taskToken }, options)
    : context.connection.call(methods.RespondActivityTaskCompletedById, { ...fields, ...idsOf(ref) }, options));
}

/** Ends this attempt of the activity with an error. */
export async function failAsyncActivity(context: CallsContext, input: FailAsyncActivityInput): Promise<void> {
  const { ref, context: of, call } = input;
  const converter = converterOf(context, ref, of);
  const failure: Failure = await converter.encodeFailure(input.error);
  const lastHeartbeatDetails = await encodeArgs(converter, input.lastHeartbeatDetails);
  const fields = { ...fieldsOf(context), failure, lastHeartbeatDetails };
  const options = { ...call, retry: true };
  await ("taskToken" in ref
    ? context.connection.call(methods.RespondActivityTaskFailed, { ...fields, taskToken: ref.taskToken }, options)
    : context.connection.call(methods.RespondActivityTaskFailedById, { ...fields, ...idsOf(ref) }, options));
}

/** Ends the activity as cancelled. */
export async function reportCancellationAsyncActivity(
  context: CallsContext,
  input: ReportCancellationAsyncActivityInput,
): Promise<void> {
  const { ref, context: of, call } = input;
  const details = await encodeArgs(converterOf(context, ref, of), input.details);
  const fields = { ...fieldsOf(context), details };
  const options = { ...call, retry: true };
  await ("taskToken" in ref
    ? context.connection.call(methods.RespondActivityTaskCanceled, { ...fields, taskToken: ref.taskToken }, options)
    : context.connection.call(methods.RespondActivityTaskCanceledById, { ...fields, ...idsOf(ref) }, options));
}

function converterOf(
  { dataConverter, namespace }: CallsContext,
  ref: AsyncActivityRef,
  context: ActivityContext | undefined,
): DataConverter {
  const converter = context === undefined ? dataConverter : dataConverter.withContext(context);
  return converter.forTarget(targetOf(namespace, ref));
}

function fieldsOf({ namespace, identity }: CallsContext): { readonly namespace: string; readonly identity: string } {
  return { namespace, identity };
}

function idsOf({
  workflowId = "",
  runId = "",
  activityId,
}: Exclude<AsyncActivityRef, { readonly taskToken: Uint8Array }>): {
  workflowId: string;
  runId: string;
  activityId: string;
} {
  return { workflowId, runId, activityId };
}

/** A task token says nothing to a client. */
function targetOf(namespace: string, ref: AsyncActivityRef): StorageTarget | undefined {
  if ("taskToken" in ref) return undefined;
  const { workflowId, runId, activityId } = ref;
  return workflowId === undefined || workflowId === ""
    ? { kind: "activity", namespace, id: activityId, runId }
    : { kind: "workflow", namespace, id: workflowId, runId };
}
