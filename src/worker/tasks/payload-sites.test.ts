import { expect, test } from "vitest";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { Payload } from "../../proto/gen/common.ts";
import { CommandType, EventType } from "../../proto/gen/enums.ts";
import { Request } from "../../proto/gen/update.ts";
import { PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedRequest } from "../../proto/gen/workflowservice.ts";
import type { Init, MessageType } from "../../proto/message.ts";
import { payloadSites } from "./payload-sites.ts";

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const list = (...values: unknown[]) => ({ payloads: values.map(payload) });

const byText = (one: unknown, other: unknown): number => String(one).localeCompare(String(other));

/** What the sites hold, and the message after each was replaced. */
function replaceAll<T extends object>(
  type: MessageType<T>,
  init: Init<T>,
  headers = false,
): { found: unknown[][]; message: T } {
  const message = type.create(init);
  const sites = payloadSites(type, message, { headers });
  const found = sites.map((site) => defaultPayloadConverter.fromPayloads(site.payloads));
  for (const site of sites) site.replace(site.payloads.map(() => payload("changed")));
  return { found, message: type.decode(type.encode(message as Init<T>)) };
}

test("finds lists, single payloads, maps and failures at any depth", () => {
  const failure = {
    message: "x",
    failureInfo: { case: "applicationFailureInfo", value: { details: list("detail") } },
    encodedAttributes: payload("hidden"),
    cause: { failureInfo: { case: "timeoutFailureInfo", value: { lastHeartbeatDetails: list("beat") } } },
  } as const;
  const { found } = replaceAll(PollWorkflowTaskQueueResponse, {
    queries: { q: { queryType: "state", queryArgs: list("arg") } },
    history: {
      events: [
        {
          eventId: 1,
          eventType: EventType.WORKFLOW_EXECUTION_STARTED,
          userMetadata: { summary: payload("summary") },
          attributes: {
            case: "workflowExecutionStartedEventAttributes",
            value: { input: list("a", "b"), memo: { fields: { note: payload("memo") } } },
          },
        },
        {
          eventId: 2,
          eventType: EventType.ACTIVITY_TASK_FAILED,
          attributes: { case: "activityTaskFailedEventAttributes", value: { failure } },
        },
      ],
    },
  });
  expect(found.flat().toSorted(byText)).toEqual(["a", "arg", "b", "beat", "detail", "hidden", "memo", "summary"]);
});

test("leaves search attributes alone, and headers unless asked", () => {
  const init = {
    commands: [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        attributes: {
          case: "scheduleActivityTaskCommandAttributes",
          value: { input: list("in"), header: { fields: { trace: payload("id") } } },
        },
      },
      {
        commandType: CommandType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        attributes: {
          case: "upsertWorkflowSearchAttributesCommandAttributes",
          value: { searchAttributes: { indexedFields: { K: payload("v") } } },
        },
      },
    ],
  } as const;
  expect(replaceAll(RespondWorkflowTaskCompletedRequest, init).found).toEqual([["in"]]);
  expect(replaceAll(RespondWorkflowTaskCompletedRequest, init, true).found.flat().toSorted(byText)).toEqual([
    "id",
    "in",
  ]);
});

test("of markers only what user code gave is found", () => {
  const marker = (markerName: string, details: Record<string, { payloads: Payload[] }>) =>
    ({
      commandType: CommandType.RECORD_MARKER,
      attributes: { case: "recordMarkerCommandAttributes", value: { markerName, details } },
    }) as const;
  const { found } = replaceAll(RespondWorkflowTaskCompletedRequest, {
    commands: [
      marker("core_patch", { "patch-data": list("patch") }),
      marker("core_local_activity", { data: list("data"), result: list("result") }),
      marker("custom", { any: list("custom") }),
    ],
  });
  expect(found.flat().toSorted(byText)).toEqual(["custom", "result"]);
});

test("unpacks the messages of updates and packs them again", () => {
  const body = {
    typeUrl: `type.googleapis.com/${Request.typeName}`,
    value: Request.encode({ input: { name: "u", args: list("x") } }),
  };
  const { found, message } = replaceAll(PollWorkflowTaskQueueResponse, { messages: [{ id: "1", body }] });
  expect(found).toEqual([["x"]]);
  const request = Request.decode(message.messages[0]?.body?.value ?? new Uint8Array());
  expect(defaultPayloadConverter.fromPayloads(request.input?.args?.payloads ?? [])).toEqual(["changed"]);
});
