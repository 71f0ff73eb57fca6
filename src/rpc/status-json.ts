import * as errordetails from "../proto/gen/errordetails.ts";
import { Any } from "../proto/gen/google/protobuf.ts";
import { Status } from "../proto/gen/google/rpc.ts";
import { fromJson, toJson, type JsonForm, type JsonForms } from "../proto/json.ts";
import { isJsonObject, type JsonValue, mismatch } from "../proto/json-value.ts";
import type { MessageType } from "../proto/message.ts";
import type { RPCError } from "./rpc-error.ts";

const TYPE_URL_PREFIX = "type.googleapis.com/";

type ErrorDetailTypes = Readonly<Record<string, MessageType<object>>>;

// The package has no services and no enums that the generator exports under names of their own.
const detailTypes: ReadonlyMap<string, MessageType<object>> = new Map(
  Object.values(errordetails as unknown as ErrorDetailTypes)
    .filter((type) => "typeName" in type)
    .map((type) => [type.typeName, type]),
);

/** Details of errors with their fields, as proto3 JSON has them; what is no detail of the API stays base64. */
const anyForm: JsonForm = {
  toJson(message) {
    const { typeUrl, value } = message as Any;
    const type = typeOf(typeUrl);
    if (type === undefined) return undefined;
    return { "@type": typeUrl, ...(toJson(type, type.decode(value), statusForms) as object) };
  },
  fromJson(json, path) {
    if (!isJsonObject(json)) throw mismatch(path, json, "an object");
    const { "@type": typeUrl = "", ...fields } = json;
    const type = typeof typeUrl === "string" ? typeOf(typeUrl) : undefined;
    if (type === undefined || typeof typeUrl !== "string") return undefined;
    const value = fromJson(type, fields, { forms: statusForms, ignoreUnknownFields: true });
    return Any.create({ typeUrl, value: type.encode(value) });
  },
};

/** The forms of what an error of the service holds. */
export const statusForms: JsonForms = new Map([[Any.typeName, anyForm]]);

/** An error as the HTTP API writes it: `google.rpc.Status` in proto3 JSON. */
export function errorToJson(error: RPCError): JsonValue {
  return toJson(Status, Status.decode(error.grpcStatus), statusForms);
}

/** Reads what {@link errorToJson} wrote; undefined if it is something else. Details of unknown types are left out. */
export function statusFromJson(json: JsonValue): Status | undefined {
  if (!isJsonObject(json)) return undefined;
  const { code, message = "", details = [] } = json;
  if (typeof code !== "number" || typeof message !== "string" || !Array.isArray(details)) return undefined;
  return Status.create({ code, message, details: details.flatMap(readDetail) });
}

function readDetail(json: JsonValue): Any[] {
  const typeUrl = isJsonObject(json) ? json["@type"] : undefined;
  if (typeof typeUrl !== "string" || typeOf(typeUrl) === undefined) return [];
  try {
    return [fromJson(Any, json, { forms: statusForms })];
  } catch {
    // Details only explain: an error whose details cannot be read is still that error.
    return [];
  }
}

function typeOf(typeUrl: string): MessageType<object> | undefined {
  return typeUrl.startsWith(TYPE_URL_PREFIX) ? detailTypes.get(typeUrl.slice(TYPE_URL_PREFIX.length)) : undefined;
}
