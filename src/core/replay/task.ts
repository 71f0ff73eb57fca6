import type { Command } from "../../proto/gen/command.ts";
import { EventType, WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { Message } from "../../proto/gen/protocol.ts";
import type { WorkflowQuery } from "../../proto/gen/query.ts";
import type { WorkflowTaskCompletedMetadata } from "../../proto/gen/sdk.ts";
import type { Init } from "../../proto/message.ts";
import { NondeterminismError, type TemporalError } from "../errors.ts";
import type { ActivationJob, WorkflowCommand } from "./activation.ts";
import { newApplicationFailure } from "./failures.ts";
import type { LocalActivityWork } from "./local-activity-queue.ts";

/** Name under which a query that is a task of its own is shown to the code, as other SDKs show it. */
const LEGACY_QUERY_ID = "legacy_query";

/** What a run has to know of a poll response. */
export interface ReplayTask {
  readonly events: readonly HistoryEvent[];
  /** The poll response has a page token. */
  readonly hasMorePages?: boolean;
  readonly previousStartedEventId: number;
  readonly startedEventId: number;
  readonly messages?: readonly Message[];
  /** Queries that come with a task, by id. */
  readonly queries?: Readonly<Record<string, WorkflowQuery>>;
  /** The query that is the whole task. It is answered by `RespondQueryTaskCompleted`. */
  readonly legacyQuery?: WorkflowQuery | undefined;
  /** Nothing is to be answered: the history is replayed for its own sake. */
  readonly isReplayOnly?: boolean;
}

/** A query that waits until the code has caught up. */
export interface PendingQuery {
  readonly id: string;
  readonly query: WorkflowQuery;
}

/** The code's answer to one query. */
export interface QueryResult {
  readonly queryId: string;
  readonly result: Extract<WorkflowCommand, { kind: "respondToQuery" }>["result"];
}

/** What the worker has to do about a task. */
export type TaskOutcome =
  /** Answer with `RespondWorkflowTaskCompleted`. Local activities that no longer matter are to be stopped. */
  | {
      readonly kind: "completed";
      readonly commands: readonly Init<Command>[];
      readonly messages: readonly Init<Message>[];
      readonly queryResults: readonly QueryResult[];
      readonly sdkMetadata: WorkflowTaskCompletedMetadata;
      /** `VersioningBehavior`. */
      readonly versioningBehavior: number;
      /** Set by a heartbeat: the server must schedule another task at once. */
      readonly forceNewTask: boolean;
      readonly localActivities: LocalActivityWork;
    }
  /** Answer with `RespondQueryTaskCompleted`. */
  | { readonly kind: "queryAnswered"; readonly result: QueryResult["result"] }
  /** Answer with `RespondWorkflowTaskFailed`, or to a legacy query with `RespondQueryTaskCompleted`; drop the run. */
  | {
      readonly kind: "failed";
      /** `WorkflowTaskFailedCause`. */
      readonly cause: number;
      readonly failure: Failure;
      /** What went wrong on this side; absent if the code failed the task. */
      readonly error: TemporalError | undefined;
      readonly isLegacyQuery: boolean;
    }
  /** Run and stop these local activities, give their results back, and heartbeat before the task's time is up. */
  | { readonly kind: "waiting"; readonly localActivities: LocalActivityWork }
  /** Answer nothing: the task was a replay, or it asks about a state that has passed. */
  | { readonly kind: "nothing" };

/** The queries of a task in the order in which the code gets them. */
export function toPendingQueries({ queries, legacyQuery }: ReplayTask): readonly PendingQuery[] {
  const pending = Object.entries(queries ?? {}).map(([id, query]) => ({ id, query }));
  return legacyQuery === undefined ? pending : [...pending, { id: LEGACY_QUERY_ID, query: legacyQuery }];
}

/** The job that asks the code. */
export function toQueryJob({ id, query }: PendingQuery): ActivationJob {
  return {
    kind: "queryWorkflow",
    queryId: id,
    queryType: query.queryType,
    args: query.queryArgs?.payloads ?? [],
    headers: query.header?.fields ?? {},
  };
}

/** The outcome of a task that could not be replayed. */
export function toFailedOutcome(
  error: TemporalError,
  isLegacyQuery: boolean,
): Extract<TaskOutcome, { kind: "failed" }> {
  const isNondeterminism = error instanceof NondeterminismError;
  return {
    kind: "failed",
    cause: isNondeterminism
      ? WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR
      : WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE,
    // The code in brackets is the rule's number in Temporal's documentation, which users search for.
    failure: newApplicationFailure(`${isNondeterminism ? "[TMPRL1100] " : ""}${error.message}`, error.name),
    error,
    isLegacyQuery,
  };
}

/** A whole history as a task, for a replayer: all of it is replayed but for a last task that was started and not answered. */
export function toReplayTask(events: readonly HistoryEvent[]): ReplayTask {
  let previousStartedEventId = 0;
  let startedEventId = 0;
  for (const [at, event] of events.entries()) {
    if (event.eventType !== EventType.WORKFLOW_TASK_STARTED) continue;
    const next = events[at + 1];
    if (next !== undefined && next.eventType !== EventType.WORKFLOW_TASK_COMPLETED) continue;
    previousStartedEventId = startedEventId;
    startedEventId = event.eventId;
    if (next !== undefined) previousStartedEventId = startedEventId;
  }
  return { events, previousStartedEventId, startedEventId, isReplayOnly: true };
}
