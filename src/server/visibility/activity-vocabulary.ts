import { ActivityExecutionStatus, ActivityExecutionStatus$names, IndexedValueType } from "../../proto/gen/enums.ts";
import { systemSearchAttributes } from "../namespaces/namespace.ts";
import { workflowColumns } from "./filter-attribute.ts";
import { namesOf } from "./status-name.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

const { WorkflowType: _ofWorkflows, ...columns } = workflowColumns;

/** Filters of lists of standalone activities. */
export const activityVocabulary: FilterVocabulary = {
  attributes: {
    ...systemSearchAttributes,
    ActivityId: IndexedValueType.KEYWORD,
    ActivityType: IndexedValueType.KEYWORD,
  },
  columns: { ...columns, ActivityId: "workflowId", ActivityType: "workflowType" },
  statuses: namesOf(ActivityExecutionStatus, ActivityExecutionStatus$names),
  refusesUnknownStatus: false,
};
