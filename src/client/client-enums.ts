import { enumNames } from "../core/options/enum-names.ts";
import {
  HistoryEventFilterType as FilterCode,
  QueryRejectCondition as RejectCode,
  UpdateWorkflowExecutionLifecycleStage as StageCode,
  WorkflowExecutionStatus as StatusCode,
} from "../proto/gen/enums.ts";

/** How a workflow stands. */
export const WorkflowExecutionStatus = {
  running: "running",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
  terminated: "terminated",
  continuedAsNew: "continuedAsNew",
  timedOut: "timedOut",
  paused: "paused",
} as const;
export type WorkflowExecutionStatus = keyof typeof WorkflowExecutionStatus;

const statuses = enumNames(WorkflowExecutionStatus, StatusCode);

/** The status of a number in `temporal.api.enums.v1.WorkflowExecutionStatus`; `undefined` for none and for a later one. */
export function toStatus(code: StatusCode): WorkflowExecutionStatus | undefined {
  return statuses.toName(code);
}

/** Workflows that a query is not to be answered for. */
export const QueryRejectCondition = {
  /** Every workflow answers. */
  none: "none",
  /** Closed ones do not. */
  notOpen: "notOpen",
  /** Those that closed otherwise than by completing or continuing as new do not. */
  notCompletedCleanly: "notCompletedCleanly",
} as const;
export type QueryRejectCondition = keyof typeof QueryRejectCondition;

const rejectCodes = enumNames(QueryRejectCondition, RejectCode);

/** The number of `temporal.api.enums.v1.QueryRejectCondition`. */
export function toRejectCode(condition: QueryRejectCondition | undefined): RejectCode {
  return condition === undefined ? RejectCode.UNSPECIFIED : rejectCodes.toCode(condition);
}

/** How far an update must have come before its start is answered. */
export const WorkflowUpdateStage = {
  /** The workflow's validator has let it pass. */
  accepted: "accepted",
  /** Its handler has returned or failed. */
  completed: "completed",
} as const;
export type WorkflowUpdateStage = keyof typeof WorkflowUpdateStage;

/** The number of `temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage`. */
export function toStageCode(stage: WorkflowUpdateStage): StageCode {
  return stage === "accepted" ? StageCode.ACCEPTED : StageCode.COMPLETED;
}

/** Which events of a history are fetched. */
export const HistoryEventFilterType = { allEvent: "allEvent", closeEvent: "closeEvent" } as const;
export type HistoryEventFilterType = keyof typeof HistoryEventFilterType;

/** The number of `temporal.api.enums.v1.HistoryEventFilterType`. */
export function toFilterCode(filter: HistoryEventFilterType): FilterCode {
  return filter === "allEvent" ? FilterCode.ALL_EVENT : FilterCode.CLOSE_EVENT;
}

/** What becomes of headers that interceptors set. */
export const HeaderCodecBehavior = {
  /** They are sent as they are. */
  noCodec: "noCodec",
  /** They go through the data converter's codec, by client and worker. */
  codec: "codec",
  /** They go through the codec in workflows only. */
  workflowOnlyCodec: "workflowOnlyCodec",
} as const;
export type HeaderCodecBehavior = keyof typeof HeaderCodecBehavior;
