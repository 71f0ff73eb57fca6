import { Reader, WireFormatError } from "../../proto/wire.ts";
import { PollActivityTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { PollAnswer } from "./poller.ts";

// Tags of the fields read here: number times eight plus wire type.
const tags = {
  task: { taskToken: 10, workflowExecution: 18, workflowType: 26, backlogCountHint: 56, scalingDecision: 130 },
  execution: { runId: 18 },
  type: { name: 10 },
  scaling: { pollRequestDelta: 8 },
  completion: { workflowTask: 10, activityTask: 18, resetHistoryEventId: 24 },
} as const;

/** A workflow task as the main thread sees it: the bytes for the workflow thread, and what routes them. */
export interface EncodedWorkflowTask {
  readonly bytes: Uint8Array;
  readonly runId: string;
  readonly workflowType: string;
  /** Tasks that wait in the queue that was polled, as far as the service knows. */
  readonly backlogCountHint: number;
}

/** Reads as much of an encoded `PollWorkflowTaskQueueResponse` as routing needs; history stays unread. */
export function readWorkflowTask(bytes: Uint8Array): PollAnswer<EncodedWorkflowTask> {
  const reader = new Reader(bytes);
  let hasToken = false;
  let runId = "";
  let workflowType = "";
  let backlogCountHint = 0;
  let pollsDelta: number | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === tags.task.taskToken) {
      const end = reader.delimit();
      hasToken = end > reader.pos;
      reader.pos = end;
    } else if (tag === tags.task.workflowExecution) runId = readText(reader, tags.execution.runId);
    else if (tag === tags.task.workflowType) workflowType = readText(reader, tags.type.name);
    else if (tag === tags.task.backlogCountHint) backlogCountHint = reader.int64();
    else if (tag === tags.task.scalingDecision) pollsDelta = readPollsDelta(reader, reader.delimit());
    else skip(reader, tag);
  }
  const task = hasToken ? { bytes, runId, workflowType, backlogCountHint } : undefined;
  return { task, pollsDelta };
}

/** Reads an answer to a poll for activity tasks. */
export function readActivityTask(bytes: Uint8Array): PollAnswer<PollActivityTaskQueueResponse> {
  if (bytes.length === 0) return { task: undefined, pollsDelta: undefined };
  const response = PollActivityTaskQueueResponse.decode(bytes);
  return {
    task: response.taskToken.length === 0 ? undefined : response,
    pollsDelta: response.pollerScalingDecision?.pollRequestDeltaSuggestion,
  };
}

/** What the answer to a workflow task's completion brings, without reading the next task. */
export interface EncodedCompletionAnswer {
  readonly workflowTask: EncodedWorkflowTask | undefined;
  readonly activityTasks: readonly PollActivityTaskQueueResponse[];
  readonly resetHistoryEventId: number;
}

/** Reads an encoded `RespondWorkflowTaskCompletedResponse`. */
export function readCompletionAnswer(bytes: Uint8Array): EncodedCompletionAnswer {
  const reader = new Reader(bytes);
  let workflowTask: EncodedWorkflowTask | undefined;
  let resetHistoryEventId = 0;
  const activityTasks: PollActivityTaskQueueResponse[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === tags.completion.workflowTask) {
      const end = reader.delimit();
      workflowTask = readWorkflowTask(reader.bytes.slice(reader.pos, end)).task;
      reader.pos = end;
    } else if (tag === tags.completion.activityTask) {
      activityTasks.push(PollActivityTaskQueueResponse.read(reader, reader.delimit()));
    } else if (tag === tags.completion.resetHistoryEventId) resetHistoryEventId = reader.int64();
    else skip(reader, tag);
  }
  return { workflowTask, activityTasks, resetHistoryEventId };
}

/** A field of text in the message that comes next. */
function readText(reader: Reader, wanted: number): string {
  const end = reader.delimit();
  let text = "";
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === wanted) text = reader.string();
    else skip(reader, tag);
  }
  return text;
}

function readPollsDelta(reader: Reader, end: number): number {
  let delta = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === tags.scaling.pollRequestDelta) delta = reader.int32();
    else skip(reader, tag);
  }
  return delta;
}

function skip(reader: Reader, tag: number): void {
  switch (tag & 7) {
    case 0:
      reader.uint32();
      return;
    case 1:
      reader.pos += 8;
      return;
    case 2:
      reader.pos = reader.delimit();
      return;
    case 5:
      reader.pos += 4;
      return;
    default:
      throw new WireFormatError(`Cannot read field ${tag >>> 3}: wire type ${tag & 7} is unknown`);
  }
}
