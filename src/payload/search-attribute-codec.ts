import type { Payload, SearchAttributes } from "../proto/gen/common.ts";
import { defaultPayloadConverter } from "./default-converter.ts";
import {
  isSearchAttributeValue,
  type SearchAttributePair,
  SearchAttributeKey,
  type SearchAttributeType,
  type SearchAttributeUpdate,
  TypedSearchAttributes,
} from "./search-attributes.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

// The service reads these payloads itself: no converter or codec of the user's may touch them.
const converter = defaultPayloadConverter;

const types: readonly SearchAttributeType[] = ["Text", "Keyword", "Int", "Double", "Bool", "Datetime", "KeywordList"];
const typesByText = new Map(
  types.flatMap(
    (type) =>
      [
        [type.toLowerCase(), type],
        [`indexedvaluetype${type.toLowerCase()}`, type],
      ] as const,
  ),
);

/** The payload of a value; without one, the payload that takes the attribute away. */
export function encodeSearchAttribute({ key, value }: SearchAttributeUpdate): Payload {
  // A null with a type would be taken for a value.
  if (value === undefined) return converter.toPayload(undefined);
  const payload = converter.toPayload(value);
  return { ...payload, metadata: { ...payload.metadata, type: encodeUtf8(key.type) } };
}

/** Search attributes as a message. */
export function encodeSearchAttributes(attributes: Iterable<SearchAttributeUpdate>): SearchAttributes {
  return {
    indexedFields: Object.fromEntries(
      [...attributes].map((update) => [update.key.name, encodeSearchAttribute(update)]),
    ),
  };
}

/** Search attributes of a message. What names no type, or has another value than its type says, is left out. */
export function decodeSearchAttributes(message: SearchAttributes | undefined): TypedSearchAttributes {
  const pairs = Object.entries(message?.indexedFields ?? {}).map(([name, payload]) => decodePair(name, payload));
  return new TypedSearchAttributes(pairs.filter((pair) => pair !== undefined));
}

function decodePair(name: string, payload: Payload): SearchAttributePair | undefined {
  const { type: typeText } = payload.metadata;
  // Some writers say INDEXED_VALUE_TYPE_KEYWORD_LIST where others say KeywordList.
  const type =
    typeText === undefined ? undefined : typesByText.get(decodeUtf8(typeText).replaceAll("_", "").toLowerCase());
  if (type === undefined) return undefined;
  let value = converter.fromPayload(payload);
  if (Array.isArray(value) && type !== "KeywordList") value = value.length === 1 ? (value[0] as unknown) : undefined;
  if (typeof value === "string" && type === "KeywordList") value = [value];
  if (typeof value === "string" && type === "Datetime") value = new Date(value);
  return isSearchAttributeValue(type, value) ? { key: new SearchAttributeKey(name, type), value } : undefined;
}
