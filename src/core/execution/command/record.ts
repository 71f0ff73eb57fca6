import type {
  Command,
  ModifyWorkflowPropertiesCommandAttributes,
  RecordMarkerCommandAttributes,
  UpsertWorkflowSearchAttributesCommandAttributes,
} from "../../../proto/gen/command.ts";
import { type Payload, Payloads } from "../../../proto/gen/common.ts";
import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { mergePayloads, payloadMapSize } from "../payload-map.ts";
import { utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import { memoExceeds } from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";

const SEARCH_ATTRIBUTES_MAX_BYTES = 40 * 1024;
const SEARCH_ATTRIBUTE_VALUE_MAX_BYTES = 2 * 1024;
const SEARCH_ATTRIBUTES_MAX = 100;

/** Records a marker. */
export function recordMarker(
  batch: CommandBatch,
  command: Command,
  attributes: RecordMarkerCommandAttributes,
): CommandFault | undefined {
  const { markerName, details, header, failure } = attributes;
  const { idLengthMax, blobSizeErrorBytes } = batch.t.context.limits;
  if (markerName === "")
    return fault(Cause.BAD_RECORD_MARKER_ATTRIBUTES, "MarkerName is not set on RecordMarkerCommand.");
  const length = utf8Length(markerName);
  if (length > idLengthMax) {
    return fault(
      Cause.BAD_RECORD_MARKER_ATTRIBUTES,
      `MarkerName on RecordMarkerCommand exceeds length limit. MarkerName=${markerName} Length=${length} Limit=${idLengthMax}`,
    );
  }
  const size = Object.entries(details).reduce(
    (sum, [key, payloads]) => sum + utf8Length(key) + Payloads.encode(payloads).length,
    0,
  );
  if (size > blobSizeErrorBytes)
    return fatalFault(Cause.BAD_RECORD_MARKER_ATTRIBUTES, "RecordMarkerCommandAttributes.Details exceeds size limit.");
  addCommandEvent(batch, command, {
    case: "markerRecordedEventAttributes",
    value: {
      markerName,
      details,
      workflowTaskCompletedEventId: batch.completedEventId,
      header,
      failure,
    },
  });
  return undefined;
}

/** Lays new search attributes over those of the run. */
export function upsertSearchAttributes(
  batch: CommandBatch,
  command: Command,
  { searchAttributes }: UpsertWorkflowSearchAttributesCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const changes = searchAttributes?.indexedFields;
  if (searchAttributes === undefined)
    return fault(Cause.BAD_SEARCH_ATTRIBUTES, "SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.");
  if (changes === undefined || Object.keys(changes).length === 0) {
    return fault(Cause.BAD_SEARCH_ATTRIBUTES, "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");
  }
  const wrong = searchAttributesFault(batch, changes);
  if (wrong !== undefined) return fault(Cause.BAD_SEARCH_ATTRIBUTES, wrong);
  if (payloadMapSize(changes) > t.context.limits.blobSizeErrorBytes) {
    return fatalFault(
      Cause.BAD_SEARCH_ATTRIBUTES,
      "UpsertWorkflowSearchAttributesCommandAttributes exceeds size limit.",
    );
  }
  const tooLarge = searchAttributesSizeFault(mergePayloads(state.searchAttributes, changes));
  if (tooLarge !== undefined) return fatalFault(Cause.BAD_SEARCH_ATTRIBUTES, tooLarge);
  addCommandEvent(batch, command, {
    case: "upsertWorkflowSearchAttributesEventAttributes",
    value: { workflowTaskCompletedEventId: batch.completedEventId, searchAttributes },
  });
  return undefined;
}

/** Why search attributes are not allowed, in the service's words. */
export function searchAttributesFault(
  batch: CommandBatch,
  attributes: Readonly<Record<string, Payload>> | undefined,
): string | undefined {
  if (attributes === undefined) return undefined;
  const count = Object.keys(attributes).length;
  if (count > SEARCH_ATTRIBUTES_MAX)
    return `number of search attributes ${count} exceeds limit ${SEARCH_ATTRIBUTES_MAX}`;
  return batch.t.context.searchAttributesFault?.(attributes);
}

/** Why search attributes are too large, in the service's words. */
export function searchAttributesSizeFault(
  attributes: Readonly<Record<string, Payload>> | undefined,
): string | undefined {
  for (const [name, { data }] of Object.entries(attributes ?? {})) {
    if (data.length > SEARCH_ATTRIBUTE_VALUE_MAX_BYTES) {
      return `search attribute ${name} value size ${data.length} exceeds size limit ${SEARCH_ATTRIBUTE_VALUE_MAX_BYTES}`;
    }
  }
  const size = payloadMapSize(attributes);
  return size > SEARCH_ATTRIBUTES_MAX_BYTES
    ? `total size of search attributes ${size} exceeds size limit ${SEARCH_ATTRIBUTES_MAX_BYTES}`
    : undefined;
}

/** Lays new memo fields over those of the run. */
export function modifyProperties(
  batch: CommandBatch,
  command: Command,
  { upsertedMemo }: ModifyWorkflowPropertiesCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const cause = Cause.BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES;
  if (upsertedMemo === undefined) return fault(cause, "UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.");
  if (Object.keys(upsertedMemo.fields).length === 0)
    return fault(cause, "UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.");
  const { blobSizeErrorBytes, memoSizeErrorBytes } = t.context.limits;
  if (payloadMapSize(upsertedMemo.fields) > blobSizeErrorBytes)
    return fatalFault(cause, "ModifyWorkflowPropertiesCommandAttributes exceeds size limit.");
  if (memoExceeds({ fields: mergePayloads(state.memo, upsertedMemo.fields) }, memoSizeErrorBytes)) {
    return fatalFault(cause, "ModifyWorkflowPropertiesCommandAttributes. Memo exceeds size limit.");
  }
  addCommandEvent(batch, command, {
    case: "workflowPropertiesModifiedEventAttributes",
    value: { workflowTaskCompletedEventId: batch.completedEventId, upsertedMemo },
  });
  return undefined;
}
