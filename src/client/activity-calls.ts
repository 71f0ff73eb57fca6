import { toActivityIDConflictCode, toActivityIDReuseCode } from "../core/options/id-policies.ts";
import { fromPriorityMessage, toPriorityMessage } from "../core/options/priority.ts";
import { fromRetryPolicyMessage, toRetryPolicyMessage } from "../core/options/retry-policy.ts";
import { fromMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import { ActivityAlreadyStartedError } from "../payload/already-started-error.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { ActivityOptions } from "../proto/gen/activity.ts";
import { Link } from "../proto/gen/common.ts";
import { ActivityExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import type { Duration as DurationMessage } from "../proto/gen/google/protobuf.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { ActivityExecutionCount } from "./activity-count.ts";
import { toActivityCount } from "./activity-count.ts";
import { ActivityExecution, ActivityExecutionDescription } from "./activity-execution.ts";
import type {
  ActivityTarget,
  CountActivitiesInput,
  DescribeActivityInput,
  ListActivitiesInput,
  StartActivityInput,
  StartedActivity,
  UpdateActivityOptionsInput,
} from "./activity-inputs.ts";
import type { ActivityExecutionOptions, ActivityOptionsUpdate } from "./activity-options.ts";
import { callOrigin } from "./call-origin.ts";
import type { CallsContext } from "./calls-context.ts";
import { encodeArgs, encodeHeaders, newRequestId } from "./calls-context.ts";
import { ClientUsageError } from "./client-error.ts";
import { firstDetail } from "./error-details.ts";
import type { ClientOutbound } from "./interceptor.ts";
import { PagedList } from "./paged-list.ts";
import { toUserMetadata } from "./start-request.ts";

const { methods } = WorkflowService;

/** The calls of a client that are about activities that no workflow starts. */
export type ActivityCalls = Pick<
  ClientOutbound,
  | "startActivity"
  | "describeActivity"
  | "cancelActivity"
  | "terminateActivity"
  | "pauseActivity"
  | "unpauseActivity"
  | "updateActivityOptions"
  | "listActivities"
  | "countActivities"
>;

/** All that a client asks of the service about activities that no workflow starts. */
export function createActivityCalls(context: CallsContext): ActivityCalls {
  const { connection, namespace, identity } = context;
  const reference = (target: ActivityTarget) => ({
    namespace,
    identity,
    requestId: newRequestId(context),
    ...toIds(target),
  });
  const retried = (input: { readonly call: object }) => ({ ...input.call, retry: true });
  return {
    startActivity: (input) => startActivity(context, input),
    describeActivity: (input) => describeActivity(context, input),
    async cancelActivity(input) {
      const request = { ...reference(input), reason: input.reason };
      await connection.call(methods.RequestCancelActivityExecution, request, retried(input));
    },
    async terminateActivity(input) {
      const request = { ...reference(input), reason: input.reason };
      await connection.call(methods.TerminateActivityExecution, request, retried(input));
    },
    async pauseActivity(input) {
      const request = { ...reference(input), reason: input.reason };
      await connection.call(methods.PauseActivityExecution, request, retried(input));
    },
    async unpauseActivity(input) {
      const request = { ...reference(input), reason: input.reason, jitter: toTimeout(input.jitter) };
      await connection.call(methods.UnpauseActivityExecution, request, retried(input));
    },
    updateActivityOptions: (input) => updateActivityOptions(context, input),
    listActivities: (input) => listActivities(context, input),
    countActivities: (input) => countActivities(context, input),
  };
}

/** The data converter for the payloads of an activity that no workflow starts. */
export function activityConverter(
  { dataConverter, namespace }: CallsContext,
  activity: { readonly activityId: string; readonly activityType?: string; readonly taskQueue?: string },
): DataConverter {
  return dataConverter.withContext({ kind: "activity", namespace, isLocal: false, ...activity });
}

async function startActivity(context: CallsContext, input: StartActivityInput): Promise<StartedActivity> {
  const { connection, namespace, identity } = context;
  const { activityType, args, options, headers } = input;
  checkTimes(options);
  const { id: activityId, taskQueue } = options;
  const converter = activityConverter(context, { activityId, activityType, taskQueue });
  const origin = callOrigin();
  const request = {
    namespace,
    identity,
    requestId: options.requestId ?? origin?.requestId ?? newRequestId(context),
    activityId,
    activityType: { name: activityType },
    taskQueue: { name: taskQueue },
    input: await encodeArgs(converter, args),
    header: await encodeHeaders(context, headers),
    scheduleToCloseTimeout: toTimeout(options.scheduleToCloseTimeout),
    scheduleToStartTimeout: toTimeout(options.scheduleToStartTimeout),
    startToCloseTimeout: toTimeout(options.startToCloseTimeout),
    heartbeatTimeout: toTimeout(options.heartbeatTimeout),
    startDelay: toTimeout(options.startDelay),
    retryPolicy: mapped(options.retryPolicy, toRetryPolicyMessage),
    idReusePolicy: toActivityIDReuseCode(options.idReusePolicy ?? "allowDuplicate"),
    idConflictPolicy: toActivityIDConflictCode(options.idConflictPolicy ?? "fail"),
    searchAttributes: mapped(options.searchAttributes, encodeSearchAttributes),
    userMetadata: await toUserMetadata(converter, { staticSummary: options.summary }),
    priority: mapped(options.priority, toPriorityMessage),
    links: [...(options.links ?? []), ...(origin?.callbacks === undefined ? (origin?.links ?? []) : [])],
    completionCallbacks: [...(options.completionCallbacks ?? []), ...(origin?.callbacks ?? [])],
    onConflictOptions: origin && { attachRequestId: true, attachCompletionCallbacks: true, attachLinks: true },
  };
  const { timeoutMs, metadata, signal } = options;
  try {
    const call = { timeoutMs, metadata, signal, retry: true };
    const { runId, link } = await connection.call(methods.StartActivityExecution, request, call);
    const started = { case: "activity", value: { namespace, activityId, runId } } as const;
    origin?.addLink(link ?? Link.create({ variant: started }));
    return { activityId, activityRunId: runId };
  } catch (error) {
    throw alreadyStarted(error, input) ?? error;
  }
}

function checkTimes({ id, startToCloseTimeout, scheduleToCloseTimeout }: StartActivityInput["options"]): void {
  if (startToCloseTimeout !== undefined || scheduleToCloseTimeout !== undefined) return;
  throw new ClientUsageError(
    `Cannot start activity "${id}": found neither "startToCloseTimeout" nor "scheduleToCloseTimeout", give one of them`,
  );
}

function alreadyStarted(error: unknown, input: StartActivityInput): ActivityAlreadyStartedError | undefined {
  if (!(error instanceof RPCError) || error.status !== RPCStatusCode.ALREADY_EXISTS) return undefined;
  const failure = firstDetail(error.details, ActivityExecutionAlreadyStartedFailure);
  if (failure === undefined) return undefined;
  return new ActivityAlreadyStartedError(input.options.id, input.activityType, { runId: failure.runId });
}

async function describeActivity(
  context: CallsContext,
  input: DescribeActivityInput,
): Promise<ActivityExecutionDescription> {
  const { connection, namespace } = context;
  const { longPollToken } = input;
  const request = {
    namespace,
    ...toIds(input),
    includeInput: input.includeInput ?? false,
    includeOutcome: input.includeOutcome ?? false,
    includeHeartbeatDetails: input.includeHeartbeatDetails ?? false,
    includeLastFailure: input.includeLastFailure ?? false,
    ...(longPollToken === undefined ? {} : { longPollToken }),
  };
  const kind = longPollToken === undefined ? "normal" : "longPoll";
  for (;;) {
    const raw = await connection.call(methods.DescribeActivityExecution, request, {
      ...input.call,
      kind,
      retry: true,
    });
    // An empty answer to a poll says that nothing has changed yet.
    if (raw.info === undefined && longPollToken !== undefined) continue;
    const { activityType, taskQueue = "" } = raw.info ?? {};
    const { activityId } = input;
    const converter = activityConverter(context, { activityId, activityType: activityType?.name ?? "", taskQueue });
    return new ActivityExecutionDescription(raw, namespace, converter);
  }
}

async function updateActivityOptions(
  { connection, namespace, identity }: CallsContext,
  input: UpdateActivityOptionsInput,
): Promise<ActivityExecutionOptions> {
  const { update } = input;
  const change =
    update === "restoreOriginal"
      ? { restoreOriginal: true }
      : { activityOptions: toOptionsMessage(update), updateMask: { paths: toPaths(input.activityId, update) } };
  const request = { namespace, identity, requestId: newRequestId({ connection }), ...toIds(input), ...change };
  const call = { ...input.call, retry: true };
  const { activityOptions } = await connection.call(methods.UpdateActivityExecutionOptions, request, call);
  return toOptions(activityOptions);
}

const paths: Readonly<Record<keyof ActivityOptionsUpdate, string>> = {
  taskQueue: "task_queue.name",
  scheduleToCloseTimeout: "schedule_to_close_timeout",
  scheduleToStartTimeout: "schedule_to_start_timeout",
  startToCloseTimeout: "start_to_close_timeout",
  heartbeatTimeout: "heartbeat_timeout",
  startDelay: "start_delay",
  retryPolicy: "retry_policy",
  priority: "priority",
};

function toPaths(activityId: string, update: ActivityOptionsUpdate): readonly string[] {
  const named = (Object.keys(paths) as (keyof ActivityOptionsUpdate)[]).filter((key) => update[key] !== undefined);
  if (named.length > 0) return named.map((key) => paths[key]);
  throw new ClientUsageError(
    `Cannot update options of activity "${activityId}": found none to change, give at least one`,
  );
}

function toOptionsMessage(update: ActivityOptionsUpdate): Init<ActivityOptions> {
  return {
    taskQueue: mapped(update.taskQueue, (name) => ({ name })),
    scheduleToCloseTimeout: toTimeout(update.scheduleToCloseTimeout),
    scheduleToStartTimeout: toTimeout(update.scheduleToStartTimeout),
    startToCloseTimeout: toTimeout(update.startToCloseTimeout),
    heartbeatTimeout: toTimeout(update.heartbeatTimeout),
    startDelay: toTimeout(update.startDelay),
    retryPolicy: mapped(update.retryPolicy, toRetryPolicyMessage),
    priority: mapped(update.priority, toPriorityMessage),
  };
}

function toOptions(options: ActivityOptions | undefined): ActivityExecutionOptions {
  return {
    taskQueue: options?.taskQueue?.name,
    scheduleToCloseTimeoutMs: mapped(options?.scheduleToCloseTimeout, messageMs),
    scheduleToStartTimeoutMs: mapped(options?.scheduleToStartTimeout, messageMs),
    startToCloseTimeoutMs: mapped(options?.startToCloseTimeout, messageMs),
    heartbeatTimeoutMs: mapped(options?.heartbeatTimeout, messageMs),
    startDelayMs: mapped(options?.startDelay, messageMs),
    retryPolicy: mapped(options?.retryPolicy, fromRetryPolicyMessage),
    priority: mapped(options?.priority, fromPriorityMessage),
  };
}

function listActivities(context: CallsContext, input: ListActivitiesInput): PagedList<ActivityExecution> {
  const { connection, namespace } = context;
  return new PagedList({
    nextPageToken: input.nextPageToken,
    limit: input.limit,
    fetch: async (nextPageToken, limit = Number.POSITIVE_INFINITY) => {
      const pageSize = Math.min(input.pageSize, limit);
      const response = await connection.call(
        methods.ListActivityExecutions,
        { namespace, query: input.query, pageSize, nextPageToken },
        { ...input.call, retry: true },
      );
      const entries = response.executions.map((info) => new ActivityExecution(info, namespace));
      return { entries, nextPageToken: response.nextPageToken };
    },
  });
}

async function countActivities(context: CallsContext, input: CountActivitiesInput): Promise<ActivityExecutionCount> {
  const { connection, namespace } = context;
  const request = { namespace, query: input.query };
  const call = { ...input.call, retry: true };
  return toActivityCount(await connection.call(methods.CountActivityExecutions, request, call));
}

function toIds({ activityId, activityRunId = "" }: ActivityTarget): { activityId: string; runId: string } {
  return { activityId, runId: activityRunId };
}

function toTimeout(duration: Duration | null | undefined): DurationMessage | undefined {
  return mapped(duration, (given) => fromMs(toDurationMs(given)));
}

function messageMs({ seconds, nanos }: DurationMessage): number {
  return seconds * 1000 + nanos / 1e6;
}

function mapped<T, R>(value: T | null | undefined, map: (value: T) => R): R | undefined {
  return value === undefined || value === null ? undefined : map(value);
}
