import {
  IndexedValueType,
  NexusOperationExecutionStatus,
  NexusOperationExecutionStatus$names,
} from "../../proto/gen/enums.ts";
import { systemSearchAttributes } from "../namespaces/namespace.ts";
import { workflowColumns } from "./filter-attribute.ts";
import { namesOf } from "./status-name.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

const { WorkflowType: _ofWorkflows, ...columns } = workflowColumns;

/** Filters of lists of standalone Nexus operations. */
export const nexusVocabulary: FilterVocabulary = {
  attributes: {
    ...systemSearchAttributes,
    OperationId: IndexedValueType.KEYWORD,
    Endpoint: IndexedValueType.KEYWORD,
    Service: IndexedValueType.KEYWORD,
    Operation: IndexedValueType.KEYWORD,
    RequestId: IndexedValueType.KEYWORD,
  },
  columns: { ...columns, OperationId: "workflowId" },
  statuses: namesOf(NexusOperationExecutionStatus, NexusOperationExecutionStatus$names),
  refusesUnknownStatus: false,
};
