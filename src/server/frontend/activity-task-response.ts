import type { StartedActivityTask } from "../../core/execution/contract.ts";
import { toDuration, toTimestamp } from "../../core/execution/duration.ts";
import type { PollActivityTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { encodeTaskToken } from "./task-token.ts";

/** Answer to a poll that got an activity, of a worker that takes commands from a queue or, if that is empty, none. */
export function activityTaskResponse(
  { namespaces, workerCommands }: Services,
  run: Run,
  started: StartedActivityTask,
  controlQueue: string,
): Init<PollActivityTaskQueueResponse> {
  const { scheduled, scheduledEventId, startedEventId, attempt } = started;
  const taskToken = encodeTaskToken({
    kind: "activity",
    namespaceId: run.namespaceId,
    runKey: run.key,
    workflowId: run.workflowId,
    runId: run.runId,
    scheduledEventId,
    startedEventId,
    attempt,
  });
  workerCommands.note(run, scheduledEventId, { attempt, taskToken, controlQueue });
  return {
    taskToken,
    workflowNamespace: namespaces.findById(run.namespaceId)?.name ?? "",
    workflowType: { name: run.state.started?.workflowType?.name ?? "" },
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    activityType: { name: started.activityType },
    activityId: started.activityId,
    header: scheduled.header,
    input: scheduled.input,
    heartbeatDetails: started.heartbeatDetails,
    scheduledTime: toTimestamp(started.scheduledTimeMs),
    currentAttemptScheduledTime: toTimestamp(started.currentAttemptScheduledTimeMs),
    startedTime: toTimestamp(started.startedTimeMs),
    attempt,
    scheduleToCloseTimeout: scheduled.scheduleToCloseTimeout,
    startToCloseTimeout: scheduled.startToCloseTimeout,
    heartbeatTimeout: toDuration(started.heartbeatTimeoutMs),
    retryPolicy: scheduled.retryPolicy,
    priority: scheduled.priority,
  };
}
