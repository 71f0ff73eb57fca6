import { LOCAL_ACTIVITY_MARKER, PATCH_MARKER } from "../../core/replay/markers.ts";
import { Payload, Payloads } from "../../proto/gen/common.ts";
import { Any } from "../../proto/gen/google/protobuf.ts";
import { Acceptance, Rejection, Request, Response } from "../../proto/gen/update.ts";
import type { FieldInfo, MessageType } from "../../proto/message.ts";

/** A place in a message that holds payloads. */
export interface PayloadSite {
  readonly payloads: readonly Payload[];
  /** Puts others in their place. */
  replace(payloads: readonly Payload[]): void;
}

type Bag = Record<string, unknown>;

// Headers are for interceptors and search attributes for the service: neither goes through a codec.
const SKIPPED = new Set(["temporal.api.common.v1.Header", "temporal.api.common.v1.SearchAttributes"]);

/** Messages that travel packed within the protocol of updates. */
const packed = new Map<string, MessageType<object>>(
  [Request, Response, Acceptance, Rejection].map((type) => [
    `type.googleapis.com/${type.typeName}`,
    type as unknown as MessageType<object>,
  ]),
);

/** All places in a message, at any depth, that a payload codec applies to. Replacing changes the message in place. */
export function payloadSites(type: MessageType<object>, message: object): PayloadSite[] {
  const sites: PayloadSite[] = [];
  collect(type, message as Bag, sites);
  return sites;
}

function collect(type: MessageType<object>, message: Bag, sites: PayloadSite[]): void {
  if (type.typeName === Payloads.typeName) {
    sites.push(listSite(message));
    return;
  }
  if (type.typeName === Any.typeName) {
    collectPacked(message, sites);
    return;
  }
  for (const field of fieldsWithPayloads(type)) {
    const holder = holderOf(message, field);
    if (holder !== undefined) collectField(type, field, holder, sites);
  }
}

interface Holder {
  readonly bag: Bag;
  readonly key: string;
}

/** Where a field's value is: in its own property, or under its oneof if that is the one set. */
function holderOf(message: Bag, field: FieldInfo): Holder | undefined {
  if (field.oneof === undefined) return { bag: message, key: field.name };
  const choice = message[field.oneof] as { readonly case: string } | undefined;
  return choice?.case === field.name ? { bag: choice as unknown as Bag, key: "value" } : undefined;
}

function collectField(owner: MessageType<object>, field: FieldInfo, { bag, key }: Holder, sites: PayloadSite[]): void {
  const value = bag[key];
  if (value === undefined || field.value.kind !== "message") return;
  const type = field.value.type();
  const visit = (at: Bag, name: string): void => {
    if (type.typeName === Payload.typeName) sites.push(singleSite(at, name));
    else collect(type, at[name] as Bag, sites);
  };
  if (field.mapKey !== undefined) {
    const map = value as Bag;
    const isMarker = field.name === "details" && "markerName" in bag;
    for (const name of Object.keys(map)) {
      if (!isMarker || isUserDetail(bag["markerName"], name)) visit(map, name);
    }
  } else if (field.repeated) {
    const list = value as unknown as Bag;
    for (const index of Object.keys(list)) visit(list, index);
  } else visit(bag, key);
}

/** The worker's own part of a marker stays readable, so that any worker can replay it. */
function isUserDetail(markerName: unknown, key: string): boolean {
  if (markerName === PATCH_MARKER) return false;
  return markerName !== LOCAL_ACTIVITY_MARKER || key === "result";
}

function listSite(message: Bag): PayloadSite {
  return {
    payloads: message["payloads"] as Payload[],
    replace: (payloads) => {
      message["payloads"] = payloads;
    },
  };
}

function singleSite(bag: Bag, key: string): PayloadSite {
  return {
    payloads: [bag[key] as Payload],
    replace: ([payload]) => {
      bag[key] = payload;
    },
  };
}

function collectPacked(message: Bag, sites: PayloadSite[]): void {
  const type = packed.get(message["typeUrl"] as string);
  if (type === undefined) return;
  const inner = type.decode(message["value"] as Uint8Array) as Bag;
  const innerSites: PayloadSite[] = [];
  collect(type, inner, innerSites);
  for (const site of innerSites) {
    sites.push({
      payloads: site.payloads,
      replace: (payloads) => {
        site.replace(payloads);
        message["value"] = type.encode(inner);
      },
    });
  }
}

const plans = new Map<string, readonly FieldInfo[]>();

/** Fields of a type that may lead to payloads; most of a history does not, and is passed over. */
function fieldsWithPayloads(type: MessageType<object>): readonly FieldInfo[] {
  let plan = plans.get(type.typeName);
  if (plan === undefined) {
    plan = type
      .fields()
      .filter((field) => field.value.kind === "message" && leadsToPayloads(field.value.type(), new Set()));
    plans.set(type.typeName, plan);
  }
  return plan;
}

function leadsToPayloads(type: MessageType<object>, seen: Set<string>): boolean {
  const { typeName } = type;
  if (typeName === Payload.typeName || typeName === Payloads.typeName || typeName === Any.typeName) return true;
  if (SKIPPED.has(typeName) || seen.has(typeName)) return false;
  seen.add(typeName);
  return type.fields().some((field) => field.value.kind === "message" && leadsToPayloads(field.value.type(), seen));
}
