import type { MethodDescriptorProto } from "@bufbuild/protobuf/wkt";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Number of the extension `google.api.http` of methods' options. */
const HTTP_EXTENSION = 72_295_728;

/** Fields of `google.api.HttpRule`. */
const verbs: Readonly<Record<number, string>> = { 2: "GET", 3: "PUT", 4: "POST", 5: "DELETE", 6: "PATCH" };
const BODY = 7;
const ADDITIONAL_BINDINGS = 11;

/** One way to call a method over HTTP: verb, path template and the field that is the body, as `proto/message.ts` has it. */
interface Rule {
  readonly verb: string;
  readonly template: string;
  readonly body?: string;
}

/** How a method is called over HTTP: its main binding and the additional ones, in their order; none if it cannot be. */
export function httpRulesOf({ name, options }: MethodDescriptorProto): readonly Rule[] {
  const field = options?.$unknown?.find(({ no }) => no === HTTP_EXTENSION);
  if (field === undefined) return [];
  const reader = new BinaryReader(field.data);
  return readRules(reader, reader.uint32(), name);
}

function readRules(reader: BinaryReader, length: number, method: string): readonly Rule[] {
  const end = reader.pos + length;
  const additional: Rule[] = [];
  let verb: string | undefined;
  let template = "";
  let body = "";
  while (reader.pos < end) {
    const [no, wireType] = reader.tag();
    if (verbs[no] !== undefined) {
      verb = verbs[no];
      template = reader.string();
    } else if (no === BODY) body = reader.string();
    else if (no === ADDITIONAL_BINDINGS) additional.push(...readRules(reader, reader.uint32(), method));
    else if (wireType === WireType.LengthDelimited)
      throw new Error(`Cannot read HTTP rule of "${method}": field ${no}`);
    else reader.skip(wireType);
  }
  if (verb === undefined) throw new Error(`Cannot read HTTP rule of "${method}": it has no verb`);
  return [{ verb, template, ...(body !== "" && { body }) }, ...additional];
}
