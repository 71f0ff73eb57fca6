import type { LocalActivityRequest, LocalActivityResult } from "../../core/replay/local-activity-queue.ts";
import type { EncodedWorkflowTask } from "./poll-answer.ts";
import type { ActivityWorkflow } from "../activities/activity-task.ts";

/** What a workflow task came to: the encoded request that answers it. Plain data, which may cross threads. */
export type WorkflowTaskAnswer =
  | {
      readonly kind: "complete";
      /** Encoded `RespondWorkflowTaskCompletedRequest`. */
      readonly body: Uint8Array;
      /** Activities that the request asks to be given at once. */
      readonly eagerActivities: number;
      readonly attempt: number;
      readonly taskToken: Uint8Array;
      readonly workflowType: string;
    }
  /** Encoded `RespondWorkflowTaskFailedRequest`. */
  | { readonly kind: "fail"; readonly body: Uint8Array }
  /** Encoded `RespondQueryTaskCompletedRequest`. */
  | { readonly kind: "answerQuery"; readonly body: Uint8Array }
  /** Nothing is told to the service: it gives the task again after a timeout. */
  | { readonly kind: "drop" };

/** Runs workflow code: takes encoded workflow tasks, holds runs between them, and answers encoded requests. */
export interface WorkflowProcessor {
  /** Never rejects. */
  process(task: EncodedWorkflowTask): Promise<WorkflowTaskAnswer>;
  /** Forgets a run: the service did not take its last answer. */
  evict(runId: string): void;
  /** The service dropped a speculative task: the next one begins after this event again. */
  resetTo(runId: string, eventId: number): void;
  /** Ends all runs and frees what the processor holds. */
  stop(): Promise<void>;
}

/** What a {@link WorkflowProcessor} asks of the main thread. */
export interface WorkflowProcessorHost {
  /** Calls `GetWorkflowExecutionHistory` with an encoded request. */
  fetchHistory(request: Uint8Array): Promise<Uint8Array>;
  runLocalActivity(workflow: ActivityWorkflow, request: LocalActivityRequest): Promise<LocalActivityResult>;
  cancelLocalActivity(runId: string, seq: number): void;
  /** Cancels all of a run that is no longer held. */
  cancelLocalActivities(runId: string): void;
}
