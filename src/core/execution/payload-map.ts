import type { Memo, Payload, SearchAttributes } from "../../proto/gen/common.ts";

type PayloadMap = Readonly<Record<string, Payload>>;

/** Lays new entries over old ones; a payload that says nil deletes. */
export function mergePayloads(before: PayloadMap, changes: PayloadMap | undefined): Record<string, Payload> {
  const entries = new Map(Object.entries(before));
  for (const [key, payload] of Object.entries(changes ?? {})) {
    if (isNil(payload)) entries.delete(key);
    else entries.set(key, payload);
  }
  return Object.fromEntries(entries);
}

/** A memo as events carry it: without nil fields, and absent if nothing is left. */
export function filledMemo(memo: Memo | undefined): Memo | undefined {
  const fields = mergePayloads({}, memo?.fields);
  return Object.keys(fields).length === 0 ? undefined : { fields };
}

/** Search attributes as events carry them: without nil fields, and absent if nothing is left. */
export function filledSearchAttributes(attributes: SearchAttributes | undefined): SearchAttributes | undefined {
  const indexedFields = mergePayloads({}, attributes?.indexedFields);
  return Object.keys(indexedFields).length === 0 ? undefined : { indexedFields };
}

/** Bytes of keys and data, as the service counts the size of such a map. */
export function payloadMapSize(map: PayloadMap | undefined): number {
  return Object.entries(map ?? {}).reduce((size, [key, payload]) => size + key.length + payload.data.length, 0);
}

/** No data, JSON's `null` or an empty JSON list. */
function isNil({ data }: Payload): boolean {
  if (data.length === 0) return true;
  const text = data.length === 4 || data.length === 2 ? String.fromCharCode(...data) : "";
  return text === "null" || text === "[]";
}
