import { expect, test } from "vitest";
import { Link, Payload } from "../../proto/gen/common.ts";
import { EventType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { Failure as NexusFailure } from "../../proto/gen/nexus.ts";
import { decodeCallbackToken, encodeCallbackToken } from "./callback-token.ts";
import { fromNexusFailure, toNexusFailure } from "./failure-conversion.ts";
import { fromHttpContent, linkHeader, parseLinkHeader, toHttpContent } from "./http-content.ts";
import { fromNexusLinks, toNexusLink } from "./links.ts";

const encoder = new TextEncoder();

test.each<[string, Parameters<typeof Link.create>[0]]>([
  [
    "an event",
    {
      variant: {
        case: "workflowEvent",
        value: {
          namespace: "a/b",
          workflowId: "w ä",
          runId: "r",
          reference: { case: "eventRef", value: { eventId: 5, eventType: EventType.NEXUS_OPERATION_SCHEDULED } },
        },
      },
    },
  ],
  [
    "a request",
    {
      variant: {
        case: "workflowEvent",
        value: {
          namespace: "n",
          workflowId: "w",
          runId: "r",
          reference: {
            case: "requestIdRef",
            value: { requestId: "q&q", eventType: EventType.WORKFLOW_EXECUTION_SIGNALED },
          },
        },
      },
    },
  ],
  ["an activity", { variant: { case: "activity", value: { namespace: "n", activityId: "a", runId: "r" } } }],
  ["an operation", { variant: { case: "nexusOperation", value: { namespace: "n", operationId: "o", runId: "r" } } }],
  [
    "a workflow",
    { variant: { case: "workflow", value: { namespace: "n", workflowId: "w", runId: "r", reason: "x y" } } },
  ],
])("a link to %s survives the way through a handler", (_what, given) => {
  const link = Link.create(given);
  const travelling = toNexusLink(link);
  expect(fromNexusLinks(parseLinkHeader(linkHeader(travelling === undefined ? [] : [travelling])) ?? [])).toEqual([
    link,
  ]);
});

test("links that mean nothing here are left out", () => {
  const type = "temporal.api.common.v1.Link.WorkflowEvent";
  const urls = [
    "http://x/y",
    "temporal:///namespaces/n/workflows/w/r/history",
    "temporal:///namespaces/%ZZ/workflows/w/r/history",
  ];
  expect(fromNexusLinks([...urls.map((url) => ({ url, type })), { url: urls[0] ?? "", type: "other" }])).toEqual([]);
});

test.each(["rubbish", '<u>; type="t", x', "<u>", '<>; type="t"'])(
  "a header of links that are none is told: %s",
  (header) => {
    expect(parseLinkHeader(header)).toBeUndefined();
  },
);

test.each<[string, Parameters<typeof Failure.create>[0]]>([
  [
    "an application's failure",
    {
      message: "m",
      stackTrace: "s",
      failureInfo: { case: "applicationFailureInfo", value: { type: "T", nonRetryable: true } },
      cause: { message: "why", failureInfo: { case: "canceledFailureInfo", value: {} } },
    },
  ],
  [
    "a handler error",
    { message: "m", failureInfo: { case: "nexusHandlerFailureInfo", value: { type: "NOT_FOUND", retryBehavior: 1 } } },
  ],
])("%s survives the way through the Nexus protocol", (_what, given) => {
  const failure = Failure.create(given);
  expect(fromNexusFailure(toNexusFailure(failure))).toEqual(failure);
});

test("failures of others are kept with all they say", () => {
  const unknown = NexusFailure.create({
    message: "m",
    metadata: { type: "other" },
    details: encoder.encode('{"a":1}'),
  });
  const { failureInfo, message } = fromNexusFailure(unknown);
  expect(message).toBe("m");
  expect(failureInfo).toMatchObject({ case: "applicationFailureInfo", value: { type: "NexusFailure" } });
  const nested = NexusFailure.create({ metadata: { a: "b" }, cause: { message: "why" } });
  const { failureInfo: nestedInfo } = fromNexusFailure(nested);
  if (nestedInfo?.case !== "applicationFailureInfo") throw new Error("expected an application failure");
  const text = new TextDecoder().decode(nestedInfo.value.details?.payloads[0]?.data);
  expect(JSON.parse(text)).toEqual({ metadata: { a: "b" }, cause: { message: "why", metadata: {} } });
  const unreadable = NexusFailure.create({ metadata: { type: "nexus.HandlerError" }, details: encoder.encode("{") });
  expect(fromNexusFailure(unreadable).failureInfo).toMatchObject({ value: { type: "NexusFailure" } });
  const canceled = NexusFailure.create({
    metadata: { type: "nexus.OperationError" },
    details: encoder.encode('{"state":"canceled"}'),
  });
  expect(fromNexusFailure(canceled).failureInfo?.case).toBe("canceledFailureInfo");
});

test.each([
  [{ encoding: "json/plain" }, "application/json"],
  [{ encoding: "binary/plain" }, "application/octet-stream"],
  [{ encoding: "json/protobuf", messageType: "a.B" }, 'application/json; format=protobuf; message-type="a.B"'],
  [{ encoding: "binary/protobuf", messageType: "a.B" }, 'application/x-protobuf; message-type="a.B"'],
  [{ encoding: "json/plain", more: "x" }, "application/x-temporal-payload"],
  [{ encoding: "unknown/nexus-content", type: "text/plain", language: "de" }, "text/plain"],
])("a payload of %o travels as %s and comes back", (metadata, contentType) => {
  const payload = Payload.create({
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, encoder.encode(value)])),
    data: encoder.encode("{}"),
  });
  const content = toHttpContent(payload);
  expect(content.contentType).toBe(contentType);
  expect(fromHttpContent(content)).toEqual(payload);
});

test("a callback token is read back, and one of others is not", () => {
  const target = {
    kind: "workflow",
    namespaceId: "n",
    workflowId: "w",
    runId: "r",
    scheduledEventId: 5,
    requestId: "q",
  } as const;
  expect(decodeCallbackToken(encodeCallbackToken(target))).toEqual(target);
  for (const other of ["", "x", Buffer.from("[1]").toString("base64url")]) {
    expect(decodeCallbackToken(other)).toBeUndefined();
  }
});
