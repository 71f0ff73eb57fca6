import { TemporalError } from "../core/errors.ts";
import type { Memo, Payload, SearchAttributes } from "../proto/gen/common.ts";
import type { FieldInfo, MessageType } from "../proto/message.ts";
import { findLimit, type SizeLimit, type Measure } from "./payload-limit-fields.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Sizes in bytes from which on a payload or a memo is spoken of; 0 is no limit. */
export interface PayloadSizes {
  readonly payloads: number;
  readonly memo: number;
}

/** A field that is larger than it should or may be. */
export interface OversizedField {
  /** Names of fields from the request on, as in the .proto files. */
  readonly path: string;
  readonly kind: "payloads" | "memo";
  readonly severity: "warning" | "error";
  readonly sizeBytes: number;
  readonly limitBytes: number;
}

/** A request holds payloads or a memo that are larger than the service takes. Nothing was sent. */
export class PayloadLimitError extends TemporalError {
  static override readonly code: string = "TEMPORAL_PAYLOAD_LIMIT";
  override readonly name = "PayloadLimitError";
  readonly field: OversizedField;

  constructor(field: OversizedField) {
    super(describeOversized(field));
    this.field = field;
  }
}

/** The text that all SDKs write to their logs for such a field. */
export function describeOversized({ kind, severity }: OversizedField): string {
  return `[TMPRL1103] Attempted to upload ${kind} with size that exceeded the ${severity} limit.`;
}

/** The fields of a request whose size is over a limit, measured as the service does it. */
export function findOversized<T extends object>(
  type: MessageType<T>,
  message: T,
  limits: { readonly warn: PayloadSizes; readonly error: PayloadSizes },
): OversizedField[] {
  const found: OversizedField[] = [];
  visit(type, message, "", (path, limit, sizeBytes) => {
    const { kind } = limit;
    const error = limit.isEnforced ? limits.error[kind] : 0;
    const warn = limits.warn[kind];
    if (error > 0 && sizeBytes > error) found.push({ path, kind, severity: "error", sizeBytes, limitBytes: error });
    else if (warn > 0 && sizeBytes > warn) found.push({ path, kind, severity: "warning", sizeBytes, limitBytes: warn });
  });
  return found;
}

const holdMemo = new Map<string, boolean>();

/** Whether a request may hold a memo with a limit. */
export function mayHoldMemo(type: MessageType<object>): boolean {
  let found = holdMemo.get(type.typeName);
  if (found === undefined) {
    found = leadsTo(type, (limit) => limit.kind === "memo", new Set());
    holdMemo.set(type.typeName, found);
  }
  return found;
}

type Report = (path: string, limit: SizeLimit, sizeBytes: number) => void;
type Bag = Readonly<Record<string, unknown>>;

function visit(type: MessageType<object>, message: object, path: string, report: Report): void {
  for (const field of fieldsOf(type)) {
    const value = valueOf(message as Bag, field);
    if (value === undefined || field.value.kind !== "message") continue;
    const inner = field.value.type();
    const limit = findLimit(type.typeName, field.protoName);
    const at = path === "" ? field.protoName : `${path}.${field.protoName}`;
    if (limit !== undefined) report(at, limit, measures[limit.measure](inner, value));
    else if (field.repeated) {
      (value as readonly object[]).forEach((item, index) => visit(inner, item, `${at}[${index}]`, report));
    } else if (field.mapKey !== undefined) {
      for (const [key, item] of Object.entries(value)) visit(inner, item as object, `${at}[${key}]`, report);
    } else visit(inner, value, at, report);
  }
}

function valueOf(message: Bag, field: FieldInfo): object | undefined {
  if (field.oneof === undefined) return message[field.name] as object | undefined;
  const choice = message[field.oneof] as { readonly case: string; readonly value: object } | undefined;
  return choice?.case === field.name ? choice.value : undefined;
}

const measures: Readonly<Record<Measure, (type: MessageType<object>, value: object) => number>> = {
  whole: (type, value) => type.encode(value).length,
  mapEntries: (type, value) =>
    sum(Object.entries(value), ([key, item]) => encodeUtf8(key).length + type.encode(item as object).length),
  memoData: (_type, value) => dataOf((value as Memo).fields),
  searchAttributeData: (_type, value) => dataOf((value as SearchAttributes).indexedFields),
};

function dataOf(fields: Readonly<Record<string, Payload>>): number {
  return sum(Object.entries(fields), ([key, { data }]) => encodeUtf8(key).length + data.length);
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}

const plans = new Map<string, readonly FieldInfo[]>();

/** The fields that have a limit or lead to one. */
function fieldsOf(type: MessageType<object>): readonly FieldInfo[] {
  let fields = plans.get(type.typeName);
  if (fields === undefined) {
    fields = type.fields().filter((field) => fieldLeadsTo(type, field, () => true, new Set()));
    plans.set(type.typeName, fields);
  }
  return fields;
}

type Wanted = (limit: SizeLimit) => boolean;

function leadsTo(type: MessageType<object>, wanted: Wanted, seen: Set<string>): boolean {
  if (seen.has(type.typeName)) return false;
  seen.add(type.typeName);
  return type.fields().some((field) => fieldLeadsTo(type, field, wanted, seen));
}

function fieldLeadsTo(type: MessageType<object>, field: FieldInfo, wanted: Wanted, seen: Set<string>): boolean {
  if (field.value.kind !== "message") return false;
  const limit = findLimit(type.typeName, field.protoName);
  return limit === undefined ? leadsTo(field.value.type(), wanted, seen) : wanted(limit);
}
