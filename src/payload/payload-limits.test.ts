import { expect, test } from "vitest";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest } from "../proto/gen/workflowservice.ts";
import type { MessageType } from "../proto/message.ts";
import { defaultPayloadConverter } from "./default-converter.ts";
import { limitedFields } from "./payload-limit-fields.ts";
import { findOversized } from "./payload-limits.ts";

const of = (length: number) => ({ payloads: [defaultPayloadConverter.toPayload("x".repeat(length))] });
const none = { payloads: 0, memo: 0 };

function reachableFields(): Set<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const walk = (type: MessageType<object>): void => {
    if (seen.has(type.typeName)) return;
    seen.add(type.typeName);
    for (const { protoName, value } of type.fields()) {
      names.add(`${type.typeName}.${protoName}`);
      if (value.kind === "message") walk(value.type());
    }
  };
  for (const { request } of Object.values(WorkflowService.methods)) walk(request);
  return names;
}

test("every field that has a size limit is a field of some request", () => {
  const known = reachableFields();
  expect(limitedFields.filter((name) => !known.has(name))).toEqual([]);
});

test("fields over a limit are found with their path; an error hides the same field's warning", () => {
  const message = RespondWorkflowTaskCompletedRequest.create({
    commands: [
      {},
      {
        attributes: { case: "scheduleActivityTaskCommandAttributes", value: { input: of(5000) } },
      },
      { attributes: { case: "recordMarkerCommandAttributes", value: { details: { a: of(900), b: of(900) } } } },
    ],
    queryResults: { q: { answer: of(9000) } },
  });
  const limits = { warn: { payloads: 1000, memo: 1000 }, error: { payloads: 4000, memo: 0 } };
  const found = findOversized(RespondWorkflowTaskCompletedRequest, message, limits);
  expect(found.map(({ path, severity, kind }) => [path, severity, kind])).toEqual([
    ["commands[1].schedule_activity_task_command_attributes.input", "error", "payloads"],
    ["commands[2].record_marker_command_attributes.details", "warning", "payloads"],
    ["query_results[q].answer", "warning", "payloads"],
  ]);
});

test("a memo has limits of its own, and 0 is no limit", () => {
  const message = StartWorkflowExecutionRequest.create({
    input: of(100_000),
    memo: { fields: { note: defaultPayloadConverter.toPayload("y".repeat(3000)) } },
    header: { fields: { h: defaultPayloadConverter.toPayload("z".repeat(100_000)) } },
  });
  const find = (warn: { payloads: number; memo: number }): string[] =>
    findOversized(StartWorkflowExecutionRequest, message, { warn, error: none }).map(({ path }) => path);
  expect(find({ payloads: 0, memo: 2048 })).toEqual(["memo"]);
  expect(find({ payloads: 2048, memo: 0 })).toEqual(["input"]);
  expect(find(none)).toEqual([]);
});
