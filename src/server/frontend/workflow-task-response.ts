import type { StartedWorkflowTask } from "../../core/execution/contract.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import { TaskQueueKind } from "../../proto/gen/enums.ts";
import type { PollWorkflowTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { PendingQuery } from "../history/queries.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { encodePosition } from "./history-token.ts";
import { spliceHistory } from "./splice.ts";
import { encodeTaskToken } from "./task-token.ts";

// Field of PollWorkflowTaskQueueResponse that holds the history.
const HISTORY_FIELD = 8;
// The first page of a history may be larger than pages that callers ask for: each further one costs a call.
const FIRST_PAGE_EVENTS_MAX = 1_000;
const FIRST_PAGE_BYTES_MAX = 2 * 1_024 * 1_024;

/** Answer to a poll that got a workflow task. */
export function workflowTaskResponse(
  services: Services,
  run: Run,
  started: StartedWorkflowTask,
  backlog: number,
): Init<PollWorkflowTaskQueueResponse> {
  const { token, transientEvents, startedEventId, previousStartedEventId } = started;
  const suffix = transientEvents.map(({ bytes }) => bytes);
  const fromEventId = started.stickyExecution ? previousStartedEventId + 1 : 1;
  return {
    taskToken: encodeTaskToken({
      kind: "workflow",
      namespaceId: run.namespaceId,
      runKey: run.key,
      workflowId: run.workflowId,
      runId: run.runId,
      ...token,
    }),
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowType: { name: started.workflowType },
    previousStartedEventId,
    startedEventId,
    attempt: started.attempt,
    backlogCountHint: backlog,
    workflowExecutionTaskQueue: { name: started.normalTaskQueue, kind: TaskQueueKind.NORMAL },
    scheduledTime: toTimestamp(started.scheduledTimeMs),
    startedTime: toTimestamp(started.startedTimeMs),
    queries: services.queries.buffered(run.key),
    messages: started.messages,
    ...firstPage(services, run, fromEventId, startedEventId + 1 - suffix.length, suffix),
  };
}

/** Answer to a poll that got a query. */
export function queryTaskResponse(
  services: Services,
  { id, run, query }: PendingQuery,
  sticky: boolean,
): Init<PollWorkflowTaskQueueResponse> {
  const { state } = run;
  return {
    taskToken: encodeTaskToken({ kind: "query", namespaceId: run.namespaceId, id }),
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowType: { name: state.started?.workflowType?.name ?? "" },
    previousStartedEventId: state.previousStartedEventId,
    attempt: 1,
    query,
    workflowExecutionTaskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
    // A worker with the run in its cache needs nothing more.
    ...(sticky ? { history: {} } : firstPage(services, run, 1, state.nextEventId, [])),
  };
}

function firstPage(
  { engine }: Services,
  run: Run,
  fromEventId: number,
  toEventId: number,
  suffix: readonly Uint8Array[],
): Pick<Init<PollWorkflowTaskQueueResponse>, "$unknown" | "nextPageToken"> {
  const events =
    fromEventId < toEventId
      ? engine.readEvents(run, {
          fromEventId,
          toEventId,
          maxEvents: FIRST_PAGE_EVENTS_MAX,
          maxBytes: FIRST_PAGE_BYTES_MAX,
        })
      : [];
  const nextEventId = fromEventId + events.length;
  if (nextEventId >= toEventId) {
    return { $unknown: spliceHistory(HISTORY_FIELD, suffix.length === 0 ? events : [...events, ...suffix]) };
  }
  return {
    $unknown: spliceHistory(HISTORY_FIELD, events),
    nextPageToken: encodePosition({
      runId: run.runId,
      fromEventId: nextEventId,
      toEventId,
      open: true,
      suffix,
    }),
  };
}
