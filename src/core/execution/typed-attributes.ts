import type { SearchAttributes } from "../../proto/gen/common.ts";
import type { StepContext } from "./contract.ts";
import type { EventAttributes } from "./event.ts";

/**
 * What an event says, with the type in the metadata of each of its search attributes: workers and clients are given
 * types by the service even where the caller that set the attribute named none.
 */
export function withTypedSearchAttributes(
  attributes: EventAttributes,
  typed: StepContext["typedSearchAttributes"],
): EventAttributes {
  if (typed === undefined) return attributes;
  switch (attributes.case) {
    case "workflowExecutionStartedEventAttributes":
      return { case: attributes.case, value: retyped(attributes.value, typed) };
    case "workflowExecutionContinuedAsNewEventAttributes":
      return { case: attributes.case, value: retyped(attributes.value, typed) };
    case "startChildWorkflowExecutionInitiatedEventAttributes":
      return { case: attributes.case, value: retyped(attributes.value, typed) };
    case "upsertWorkflowSearchAttributesEventAttributes":
      return { case: attributes.case, value: retyped(attributes.value, typed) };
    default:
      return attributes;
  }
}

function retyped<T extends { readonly searchAttributes: SearchAttributes | undefined }>(
  value: T,
  typed: NonNullable<StepContext["typedSearchAttributes"]>,
): T {
  if (value.searchAttributes === undefined) return value;
  return { ...value, searchAttributes: { indexedFields: typed(value.searchAttributes.indexedFields) } };
}
