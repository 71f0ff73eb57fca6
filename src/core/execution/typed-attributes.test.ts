import { expect, test } from "vitest";
import { Payload } from "../../proto/gen/common.ts";
import {
  TimerFiredEventAttributes,
  UpsertWorkflowSearchAttributesEventAttributes,
  WorkflowExecutionStartedEventAttributes,
} from "../../proto/gen/history.ts";
import type { EventAttributes } from "./event.ts";
import { withTypedSearchAttributes } from "./typed-attributes.ts";

const typed = (attributes: Readonly<Record<string, Payload>>): Record<string, Payload> =>
  Object.fromEntries(
    Object.keys(attributes).map((name) => [name, Payload.create({ metadata: { type: new Uint8Array([7]) } })]),
  );

test("events that set search attributes say their types", () => {
  const searchAttributes = { indexedFields: { Since: Payload.create() } };
  const upserted: EventAttributes = {
    case: "upsertWorkflowSearchAttributesEventAttributes",
    value: UpsertWorkflowSearchAttributesEventAttributes.create({ workflowTaskCompletedEventId: 4, searchAttributes }),
  };
  expect(withTypedSearchAttributes(upserted, typed).value).toEqual({
    workflowTaskCompletedEventId: 4,
    searchAttributes: { indexedFields: typed(searchAttributes.indexedFields) },
  });
  expect(withTypedSearchAttributes(upserted, undefined)).toBe(upserted);
});

test("an event without search attributes stays as it is", () => {
  const started: EventAttributes = {
    case: "workflowExecutionStartedEventAttributes",
    value: WorkflowExecutionStartedEventAttributes.create(),
  };
  expect(withTypedSearchAttributes(started, typed).value).toBe(started.value);
  const fired: EventAttributes = { case: "timerFiredEventAttributes", value: TimerFiredEventAttributes.create() };
  expect(withTypedSearchAttributes(fired, typed)).toBe(fired);
});
