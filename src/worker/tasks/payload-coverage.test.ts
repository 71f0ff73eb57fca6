import { expect, test } from "vitest";
import { Payload, Payloads, SearchAttributes, Header } from "../../proto/gen/common.ts";
import { History } from "../../proto/gen/history.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { FieldInfo, MessageType } from "../../proto/message.ts";
import { payloadSites } from "./payload-sites.ts";

type AnyType = MessageType<object>;
type Bag = Record<string, unknown>;

/** One way from a message to a payload. */
interface Way {
  readonly fields: readonly FieldInfo[];
  /** Names of the types on the way. */
  readonly types: readonly string[];
}

/** All ways from a type to payloads, each type once; a failure's cause comes after the failure itself. */
function waysToPayloads(type: AnyType, seen: readonly string[] = []): Way[] {
  if (type.typeName === Payload.typeName) return [{ fields: [], types: seen }];
  if (seen.filter((name) => name === type.typeName).length > (type.typeName.endsWith(".Failure") ? 1 : 0)) return [];
  const types = [...seen, type.typeName];
  return type.fields().flatMap((field) => {
    if (field.value.kind !== "message") return [];
    return waysToPayloads(field.value.type(), types).map((way) => ({ ...way, fields: [field, ...way.fields] }));
  });
}

/** A message with one payload at the end of a way. */
function along([field, ...rest]: readonly FieldInfo[]): Bag {
  if (field === undefined) return { data: new Uint8Array([1]) };
  const inner = along(rest);
  const value = field.mapKey !== undefined ? { key: inner } : field.repeated ? [inner] : inner;
  return field.oneof === undefined ? { [field.name]: value } : { [field.oneof]: { case: field.name, value } };
}

const roots: readonly AnyType[] = [
  History,
  ...Object.values(WorkflowService.methods).flatMap(({ request, response }) => [
    request as unknown as AnyType,
    response as unknown as AnyType,
  ]),
];

test("every field of every message of the API that leads to a payload is visited, search attributes never", () => {
  let count = 0;
  const wrong: string[] = [];
  for (const root of roots) {
    for (const { fields, types } of waysToPayloads(root)) {
      const message = root.create(along(fields));
      const isHeader = types.includes(Header.typeName);
      const isSearch = types.includes(SearchAttributes.typeName);
      const found = payloadSites(root, message, { headers: true }).flatMap(({ payloads }) => payloads);
      const withoutHeaders = payloadSites(root, message, { headers: false }).flatMap(({ payloads }) => payloads);
      const expected = isSearch ? 0 : 1;
      if (found.length !== expected || withoutHeaders.length !== (isHeader ? 0 : expected))
        wrong.push(`${root.typeName}: ${fields.map(({ name }) => name).join(".")}`);
      count++;
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

test("a list of payloads is one place, whose codec may answer fewer", () => {
  const message = Payloads.create({ payloads: [{}, {}] });
  const sites = payloadSites(Payloads, message, { headers: false });
  expect(sites).toHaveLength(1);
  sites[0]?.replace([Payload.create()]);
  expect(message.payloads).toHaveLength(1);
});
