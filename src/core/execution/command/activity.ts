import { Payloads, type RetryPolicy } from "../../../proto/gen/common.ts";
import type {
  Command,
  RequestCancelActivityTaskCommandAttributes,
  ScheduleActivityTaskCommandAttributes,
} from "../../../proto/gen/command.ts";
import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import type { ActivityTaskScheduledEventAttributes } from "../../../proto/gen/history.ts";
import { retryPolicyFault, withRetryDefaults } from "../../schedule/retry.ts";
import { addCanceled } from "../activity/report.ts";
import { offerActivity } from "../activity/offer.ts";
import { activityTimeouts } from "../activity/timeouts.ts";
import { durationMs } from "../duration.ts";
import { hasActivityEnd } from "../activity/buffered-end.ts";
import { utf8Bytes, utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import { keptBuildFault, payloadsExceed, priorityFault, resolveTaskQueue } from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";

/** Schedules an activity. */
export function scheduleActivity(
  batch: CommandBatch,
  command: Command,
  attributes: ScheduleActivityTaskCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const { limits } = t.context;
  const options = activityOptions(batch, attributes);
  if (typeof options === "string") return fault(Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES, options);
  if (payloadsExceed(attributes.input, limits.blobSizeErrorBytes)) {
    return fatalFault(
      Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
      "ScheduleActivityTaskCommandAttributes.Input exceeds size limit.",
    );
  }
  if (limits.pendingActivitiesMax > 0 && state.activities.size >= limits.pendingActivitiesMax) {
    return fault(
      Cause.PENDING_ACTIVITIES_LIMIT_EXCEEDED,
      `the number of pending activities, ${state.activities.size}, has reached the per-workflow limit of ${limits.pendingActivitiesMax}`,
    );
  }
  if (state.activityIds.has(attributes.activityId)) {
    return fault(
      Cause.SCHEDULE_ACTIVITY_DUPLICATE_ID,
      `invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: ${attributes.activityId}`,
    );
  }
  const { eventId } = addCommandEvent(batch, command, {
    case: "activityTaskScheduledEventAttributes",
    value: { workflowTaskCompletedEventId: batch.completedEventId, ...options },
  });
  if (attributes.requestEagerExecution && limits.eagerActivities) batch.eagerActivities.push(eventId);
  else offerActivity(t, eventId);
  return undefined;
}

type Options = Omit<ActivityTaskScheduledEventAttributes, "workflowTaskCompletedEventId">;

/** The event's attributes with all defaults filled in; a string says what is wrong. */
function activityOptions(batch: CommandBatch, attributes: ScheduleActivityTaskCommandAttributes): Options | string {
  const { state } = batch;
  const { idLengthMax } = batch.t.context.limits;
  const { activityId } = attributes;
  const activityType = attributes.activityType?.name ?? "";
  const taskQueue = resolveTaskQueue(attributes.taskQueue, "", idLengthMax);
  if (typeof taskQueue === "string") return taskQueue;
  if (activityId === "") return "activityId is not set";
  if (activityType === "") return "activityType is not set";
  const retryPolicy: RetryPolicy = withRetryDefaults(attributes.retryPolicy);
  const retryFault = retryPolicyFault(retryPolicy);
  if (retryFault !== undefined) return retryFault;
  for (const [name, value] of Object.entries({ activityId, activityType })) {
    const length = utf8Length(value);
    if (length > idLengthMax) return `${name} exceeds length limit. Length=${length} Limit=${idLengthMax}`;
  }
  const wrongPriority = priorityFault(attributes.priority);
  if (wrongPriority !== undefined) return `invalid priorities: ${wrongPriority}`;
  const timeouts = activityTimeouts(
    attributes,
    durationMs(state.started?.workflowRunTimeout),
    `ActivityId=${activityId} ActivityType=${activityType}`,
  );
  if (typeof timeouts === "string") return timeouts;
  const keepsBuild = attributes.useWorkflowBuildId;
  const wrongBuild = keptBuildFault(batch, "Activity", { keepsBuild, queueName: taskQueue.name });
  if (wrongBuild !== undefined) return wrongBuild;
  return {
    activityId,
    activityType: attributes.activityType,
    taskQueue,
    header: attributes.header,
    input: attributes.input,
    ...timeouts,
    retryPolicy,
    useWorkflowBuildId: attributes.useWorkflowBuildId,
    priority: attributes.priority,
  };
}

/** Details of the cancellation of an activity that nobody had started. */
const notStarted = Payloads.create({
  payloads: [
    {
      metadata: { encoding: utf8Bytes("json/plain") },
      data: utf8Bytes('"ACTIVITY_ID_NOT_STARTED"'),
    },
  ],
});

/** Asks for an activity's cancellation; one that has not started is cancelled at once. */
export function requestCancelActivity(
  batch: CommandBatch,
  command: Command,
  { scheduledEventId }: RequestCancelActivityTaskCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  if (scheduledEventId <= 0)
    return fault(
      Cause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
      "ScheduledEventId is not set on RequestCancelActivityTaskCommand.",
    );
  const activity = state.activities.get(scheduledEventId);
  const ended = activity === undefined && hasActivityEnd(t, scheduledEventId);
  if ((activity === undefined && !ended) || (activity?.cancelRequestedEventId ?? 0) !== 0) {
    return fault(
      Cause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
      `invalid history builder state for action: add-activitytask-cancel-requested-event, ScheduledEventID: ${scheduledEventId}`,
    );
  }
  addCommandEvent(batch, command, {
    case: "activityTaskCancelRequestedEventAttributes",
    value: { scheduledEventId, workflowTaskCompletedEventId: batch.completedEventId },
  });
  if (activity === undefined || activity.phase === "started") return undefined;
  addCanceled(t, scheduledEventId, { details: notStarted, identity: batch.identity });
  batch.canceledUnstarted = true;
  return undefined;
}
