import { expect, test } from "vitest";
import { Link } from "../proto/gen/common.ts";
import { EventType } from "../proto/gen/enums.ts";
import type { Init } from "../proto/message.ts";
import { fromLinkURL, toLinkURL } from "./link-url.ts";

const eventType = EventType.NEXUS_OPERATION_SCHEDULED;
const ids = { namespace: "n s", workflowId: "w/1?", runId: "r" };
const links: readonly (readonly [string, Init<Link>, string])[] = [
  [
    "an event",
    {
      variant: {
        case: "workflowEvent",
        value: { ...ids, reference: { case: "eventRef", value: { eventId: 7, eventType } } },
      },
    },
    "temporal:///namespaces/n%20s/workflows/w%2F1%3F/r/history?eventID=7&eventType=NexusOperationScheduled&referenceType=EventReference",
  ],
  [
    "a request's event",
    {
      variant: {
        case: "workflowEvent",
        value: { ...ids, reference: { case: "requestIdRef", value: { requestId: "q", eventType } } },
      },
    },
    "temporal:///namespaces/n%20s/workflows/w%2F1%3F/r/history?referenceType=RequestIdReference&requestID=q&eventType=NexusOperationScheduled",
  ],
  [
    "a workflow",
    { variant: { case: "workflow", value: { ...ids, reason: "a & b" } } },
    "temporal:///namespaces/n%20s/workflows/w%2F1%3F/r?reason=a%20%26%20b",
  ],
  [
    "an activity",
    { variant: { case: "activity", value: { namespace: "n", activityId: "a", runId: "r" } } },
    "temporal:///namespaces/n/activities/a/r/details",
  ],
  [
    "a Nexus operation",
    { variant: { case: "nexusOperation", value: { namespace: "n", operationId: "o", runId: "" } } },
    "temporal:///namespaces/n/nexus-operations/o//details",
  ],
];

test.each(links)("a link to %s travels as a URL and back", (_what, init, url) => {
  const link = Link.create(init);
  const converted = toLinkURL(link);
  expect(converted?.url).toBe(url);
  expect(converted && fromLinkURL(converted)).toEqual(link);
});

const event = "temporal.api.common.v1.Link.WorkflowEvent";

test("events of older services go by their full names, and may have no id", () => {
  const url =
    "temporal:///namespaces/n/workflows/w/r/history?eventType=EVENT_TYPE_NEXUS_OPERATION_SCHEDULED&referenceType=EventReference";
  expect(fromLinkURL({ type: event, url })?.variant?.value).toMatchObject({
    reference: { case: "eventRef", value: { eventId: 0, eventType } },
  });
});

test.each([
  ["another kind", { type: "other", url: "temporal:///namespaces/n/workflows/w/r/history" }],
  ["no path", { type: event, url: "nonsense" }],
  [
    "another path",
    { type: event, url: "temporal:///namespaces/n/activities/w/r/history?referenceType=EventReference" },
  ],
  ["no reference", { type: event, url: "temporal:///namespaces/n/workflows/w/r/history" }],
  [
    "an unknown event",
    { type: event, url: "temporal:///namespaces/n/workflows/w/r/history?referenceType=EventReference&eventType=No" },
  ],
  ["a broken escape", { type: event, url: "temporal:///namespaces/%zz/workflows/w/r/history" }],
])("a link with %s is left out", (_what, link) => {
  expect(fromLinkURL(link)).toBeUndefined();
});

test("a link to a batch job is left out, for Nexus knows none", () => {
  expect(toLinkURL(Link.create({ variant: { case: "batchJob", value: { jobId: "j" } } }))).toBeUndefined();
  expect(toLinkURL(Link.create())).toBeUndefined();
});
