/** How a field's size is measured: as the service does it. */
export type Measure = "whole" | "mapEntries" | "memoData" | "searchAttributeData";

/** The limit that a field falls under. */
export interface SizeLimit {
  readonly kind: "payloads" | "memo";
  /** Whether the service refuses what is larger; if not, there is a warning only. */
  readonly isEnforced: boolean;
  readonly measure: Measure;
}

const API = "temporal.api";
const SERVICE = `${API}.workflowservice.v1`;
const COMMAND = `${API}.command.v1`;

const enforced: readonly string[] = [
  `${COMMAND}.CompleteWorkflowExecutionCommandAttributes.result`,
  `${COMMAND}.ContinueAsNewWorkflowExecutionCommandAttributes.input`,
  `${COMMAND}.FailWorkflowExecutionCommandAttributes.failure`,
  `${COMMAND}.ScheduleActivityTaskCommandAttributes.input`,
  `${COMMAND}.ScheduleNexusOperationCommandAttributes.input`,
  `${COMMAND}.SignalExternalWorkflowExecutionCommandAttributes.input`,
  `${COMMAND}.StartChildWorkflowExecutionCommandAttributes.input`,
  `${API}.protocol.v1.Message.body`,
  `${API}.query.v1.WorkflowQuery.query_args`,
  `${API}.workflow.v1.NewWorkflowExecutionInfo.input`,
  `${SERVICE}.RecordActivityTaskHeartbeatByIdRequest.details`,
  `${SERVICE}.RecordActivityTaskHeartbeatRequest.details`,
  `${SERVICE}.RespondActivityTaskCanceledByIdRequest.details`,
  `${SERVICE}.RespondActivityTaskCanceledRequest.details`,
  `${SERVICE}.RespondActivityTaskCompletedByIdRequest.result`,
  `${SERVICE}.RespondActivityTaskCompletedRequest.result`,
  `${SERVICE}.SignalWithStartWorkflowExecutionRequest.input`,
  `${SERVICE}.SignalWithStartWorkflowExecutionRequest.signal_input`,
  `${SERVICE}.SignalWorkflowExecutionRequest.input`,
  `${SERVICE}.StartActivityExecutionRequest.input`,
  `${SERVICE}.StartNexusOperationExecutionRequest.input`,
  `${SERVICE}.StartWorkflowExecutionRequest.input`,
];

const memos: readonly string[] = [
  `${COMMAND}.ContinueAsNewWorkflowExecutionCommandAttributes.memo`,
  `${COMMAND}.StartChildWorkflowExecutionCommandAttributes.memo`,
  `${API}.workflow.v1.NewWorkflowExecutionInfo.memo`,
  `${SERVICE}.SignalWithStartWorkflowExecutionRequest.memo`,
  `${SERVICE}.StartWorkflowExecutionRequest.memo`,
];

const warned: readonly string[] = [
  `${SERVICE}.RespondActivityTaskFailedByIdRequest.failure`,
  `${SERVICE}.RespondActivityTaskFailedByIdRequest.last_heartbeat_details`,
  `${SERVICE}.RespondActivityTaskFailedRequest.failure`,
  `${SERVICE}.RespondActivityTaskFailedRequest.last_heartbeat_details`,
  `${SERVICE}.RespondNexusTaskFailedRequest.failure`,
  `${SERVICE}.RespondWorkflowTaskFailedRequest.failure`,
  `${API}.query.v1.WorkflowQueryResult.answer`,
  `${SERVICE}.RespondQueryTaskCompletedRequest.query_result`,
];

const limits: ReadonlyMap<string, SizeLimit> = new Map<string, SizeLimit>([
  ...enforced.map((name): [string, SizeLimit] => [name, { kind: "payloads", isEnforced: true, measure: "whole" }]),
  ...memos.map((name): [string, SizeLimit] => [name, { kind: "memo", isEnforced: true, measure: "whole" }]),
  ...warned.map((name): [string, SizeLimit] => [name, { kind: "payloads", isEnforced: false, measure: "whole" }]),
  [
    `${COMMAND}.ModifyWorkflowPropertiesCommandAttributes.upserted_memo`,
    { kind: "payloads", isEnforced: true, measure: "memoData" },
  ],
  [`${COMMAND}.RecordMarkerCommandAttributes.details`, { kind: "payloads", isEnforced: true, measure: "mapEntries" }],
  [
    `${COMMAND}.UpsertWorkflowSearchAttributesCommandAttributes.search_attributes`,
    { kind: "payloads", isEnforced: true, measure: "searchAttributeData" },
  ],
]);

/** Full names of all fields that have a limit. */
export const limitedFields: readonly string[] = [...limits.keys()];

/** The limit of a field, by the names of the .proto files. */
export function findLimit(typeName: string, fieldName: string): SizeLimit | undefined {
  return limits.get(`${typeName}.${fieldName}`);
}
