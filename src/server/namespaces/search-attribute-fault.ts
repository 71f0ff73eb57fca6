import { utf8Text } from "../../core/text/utf8.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { IndexedValueType$names, type IndexedValueType } from "../../proto/gen/enums.ts";
import { isFilledIn, attributeType, type Namespace } from "./namespace.ts";
import { decodeAttribute, isRemoval, typeNameOf } from "./search-attribute.ts";

// The service's limits.
const ATTRIBUTES_MAX = 100;
const VALUE_MAX_BYTES = 2 * 1_024;
const TOTAL_MAX_BYTES = 40 * 1_024;

/** Why search attributes cannot be set in a namespace, in the service's words; `undefined` when they can. */
export function searchAttributesFault(
  namespace: Namespace,
  attributes: Readonly<Record<string, Payload>>,
): string | undefined {
  const entries = Object.entries(attributes);
  if (entries.length > ATTRIBUTES_MAX) {
    return `number of search attributes ${entries.length} exceeds limit ${ATTRIBUTES_MAX}`;
  }
  let totalBytes = 0;
  for (const [name, payload] of entries) {
    const fault = attributeFault(namespace, name, payload);
    if (fault !== undefined) return fault;
    totalBytes += name.length + payload.data.length;
  }
  if (totalBytes > TOTAL_MAX_BYTES) {
    return `total size of search attributes ${totalBytes} exceeds size limit ${TOTAL_MAX_BYTES}`;
  }
  return undefined;
}

function attributeFault(namespace: Namespace, name: string, payload: Payload): string | undefined {
  if (isFilledIn(name)) return `${name} attribute can't be set in SearchAttributes`;
  const type = attributeType(namespace, name);
  if (type === undefined) {
    return `Namespace ${namespace.name} has no mapping defined for search attribute ${name}`;
  }
  if (payload.data.length > VALUE_MAX_BYTES) {
    return `search attribute ${name} value size ${payload.data.length} exceeds size limit ${VALUE_MAX_BYTES}`;
  }
  if (isRemoval(payload) || decodeAttribute(payload, type) !== undefined) return undefined;
  return `invalid value for search attribute ${name} of type ${goName(type)}: ${shownValue(payload)}`;
}

/** The value as the service shows it: a text without its quotes, anything else as JSON. */
function shownValue({ data }: Payload): string {
  const text = utf8Text(data);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

function goName(type: IndexedValueType): string {
  return IndexedValueType$names[type] === undefined ? String(type) : typeNameOf(type);
}
