import type { ScheduleState } from "../../core/schedule/schedule-state.ts";
import { IndexedValueType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { attributeType, type Namespace } from "../namespaces/namespace.ts";
import { decodeAttribute, type AttributeValue } from "../namespaces/search-attribute.ts";
import type { VisibilityRow } from "../store/store.ts";

const NOTHING = new Uint8Array(0);

/** A schedule as filters of lists see it: as the run of a workflow that goes on, under the schedule's id. */
export function toScheduleRow(state: ScheduleState, namespace: Namespace): VisibilityRow {
  const { scheduleId, namespaceId, createTimeMs } = state;
  return {
    namespaceId,
    workflowId: scheduleId,
    runId: "",
    workflowType: "temporal-sys-scheduler-workflow",
    taskQueue: "",
    status: WorkflowExecutionStatus.RUNNING,
    startTimeMs: createTimeMs,
    executionTimeMs: createTimeMs,
    closeTimeMs: null,
    historyLength: 0,
    historySizeBytes: 0,
    stateTransitionCount: 0,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: scheduleId,
    rootRunId: "",
    searchAttributes: { ...decoded(state, namespace), TemporalSchedulePaused: state.schedule.state.paused },
    memo: NOTHING,
    encodedSearchAttributes: NOTHING,
  };
}

function decoded({ searchAttributes }: ScheduleState, namespace: Namespace): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  for (const [name, payload] of Object.entries(searchAttributes)) {
    const value = decodeAttribute(payload, attributeType(namespace, name) ?? IndexedValueType.UNSPECIFIED);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
