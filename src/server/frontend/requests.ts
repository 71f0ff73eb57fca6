import { utf8Length } from "../../core/text/utf8.ts";
import type { WorkflowExecution } from "../../proto/gen/common.ts";
import { TaskQueueKind } from "../../proto/gen/enums.ts";
import type { Duration } from "../../proto/gen/google/protobuf.ts";
import type { TaskQueue } from "../../proto/gen/taskqueue.ts";
import { invalidArgument, notFound } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";

const RESERVED_QUEUE_PREFIX = "/_sys/";
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID. */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** The namespace a request names. */
export function requireNamespace({ namespaces, settings }: Services, name: string): Namespace {
  if (name === "") throw invalidArgument("Namespace is empty.");
  if (isLongerThan(name, settings.idLengthMax)) throw invalidArgument("Namespace length exceeds limit.");
  return namespaces.get(name);
}

/** The workflow execution a request names; the run id may be empty. */
export function requireExecution(execution: WorkflowExecution | undefined): WorkflowExecution {
  if (execution === undefined) throw invalidArgument("Execution is not set on request.");
  if (execution.workflowId === "") throw invalidArgument("WorkflowId is not set on request.");
  if (execution.runId !== "" && !isUuid(execution.runId)) throw invalidArgument("Invalid RunId.");
  return execution;
}

/** The run that a request means. */
export function requireRun(services: Services, namespace: Namespace, execution: WorkflowExecution): Run {
  const run = services.engine.find(namespace.id, execution.workflowId, execution.runId);
  if (run === undefined) throw runNotFound(execution);
  return run;
}

/** A run that was found before, as it is now: while a call waited, it may have left memory and come back. */
export function requireLive({ engine }: Services, run: Run): Run {
  const live = engine.load(run.key);
  if (live === undefined) throw runNotFound(run);
  return live;
}

/** Refuses a run of another chain than the one named by its first run; an empty id names none. */
export function requireChain({ state }: Run, firstExecutionRunId: string): void {
  if (firstExecutionRunId !== "" && state.started?.firstExecutionRunId !== firstExecutionRunId) {
    throw notFound("workflow execution not found");
  }
}

function runNotFound({ workflowId, runId }: Pick<Run, "workflowId" | "runId">): Error {
  return notFound(
    runId === ""
      ? `workflow not found for ID: ${workflowId}`
      : `workflow execution not found for workflow ID "${workflowId}" and run ID "${runId}"`,
  );
}

/** Refuses text that is longer than ids may be. */
export function limitLength({ settings }: Services, text: string, message: string): void {
  if (isLongerThan(text, settings.idLengthMax)) throw invalidArgument(message);
}

/** A task queue as requests name it, of a known kind. */
export function requireTaskQueue(services: Services, queue: TaskQueue | undefined): TaskQueue {
  if (queue === undefined) throw invalidArgument("taskQueue is not set");
  if (queue.name === "") throw invalidArgument("missing task queue name");
  checkQueueName(services, queue.name, true);
  if (queue.kind === TaskQueueKind.STICKY && queue.normalName !== "") {
    checkQueueName(services, queue.normalName, false);
  }
  return queue.kind === TaskQueueKind.UNSPECIFIED ? { ...queue, kind: TaskQueueKind.NORMAL } : queue;
}

function checkQueueName({ settings }: Services, name: string, whole: boolean): void {
  if (isLongerThan(name, settings.idLengthMax)) throw invalidArgument("taskQueue length exceeds limit");
  if (whole && name.startsWith(RESERVED_QUEUE_PREFIX)) {
    throw invalidArgument(`task queue name cannot start with reserved prefix ${RESERVED_QUEUE_PREFIX}`);
  }
}

/** Why a duration cannot be one, in the service's words; `undefined` when it can. */
export function durationFault(duration: Duration | undefined): string | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if (seconds < 0 || nanos < 0) return "negative duration";
  return undefined;
}

/** Whether a text takes more bytes than a limit allows. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  // Most ids are short: their number of characters settles it without encoding.
  if (text.length * 3 <= maxBytes) return false;
  return text.length > maxBytes || utf8Length(text) > maxBytes;
}
