import { LOCAL_ACTIVITY_MARKER, PATCH_MARKER } from "../../core/replay/markers.ts";
import { utf8Text } from "../../core/text/utf8.ts";
import { Header, Payload, Payloads, SearchAttributes } from "../../proto/gen/common.ts";
import { Any } from "../../proto/gen/google/protobuf.ts";
import { UserMetadata } from "../../proto/gen/sdk.ts";
import { Acceptance, Rejection, Request, Response } from "../../proto/gen/update.ts";
import { SignalWithStartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { SYSTEM_PAYLOAD_KEY } from "../../workflow/system-operation.ts";
import type { FieldInfo, MessageType } from "../../proto/message.ts";
import { ownerTypes } from "./payload-contexts.ts";

/** A place in a message that holds payloads. */
export interface PayloadSite {
  readonly payloads: readonly Payload[];
  /** The command or event that says whom the payloads are for, if they are within one. */
  readonly owner: object | undefined;
  /** Puts others in their place. */
  replace(payloads: readonly Payload[]): void;
}

type Bag = Record<string, unknown>;

/** Which payloads {@link payloadSites} finds. */
export interface SiteOptions {
  /** Those of headers too, which interceptors set. */
  readonly headers: boolean;
}

/** Messages that travel packed within the protocol of updates. */
const packed = new Map<string, MessageType<object>>(
  [Request, Response, Acceptance, Rejection].map((type) => [
    `type.googleapis.com/${type.typeName}`,
    type as unknown as MessageType<object>,
  ]),
);

/** Messages of the service itself that travel as payloads. */
const systemMessages: ReadonlyMap<string, MessageType<object>> = new Map([
  [
    SignalWithStartWorkflowExecutionRequest.typeName,
    SignalWithStartWorkflowExecutionRequest as unknown as MessageType<object>,
  ],
]);

/** All places in a message, at any depth, that a payload codec applies to. Replacing changes the message in place. */
export function payloadSites(type: MessageType<object>, message: object, options: SiteOptions): PayloadSite[] {
  const plans = options.headers ? plansWithHeaders : plansWithoutHeaders;
  const walk: Walk = { sites: [], plans, owner: undefined };
  collect(type, message as Bag, walk);
  return walk.sites;
}

interface Walk {
  readonly sites: PayloadSite[];
  readonly plans: Plans;
  readonly owner: object | undefined;
}

function collect(type: MessageType<object>, message: Bag, outer: Walk): void {
  if (type.typeName === Payloads.typeName) outer.sites.push(listSite(message, outer.owner));
  else if (type.typeName === Any.typeName) collectPacked(message, outer);
  else {
    const walk = ownerTypes.has(type.typeName) ? { ...outer, owner: message } : outer;
    for (const field of walk.plans.fieldsOf(type)) {
      const holder = holderOf(message, field);
      if (holder !== undefined) collectField(field, holder, walk);
    }
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

function collectField(field: FieldInfo, { bag, key }: Holder, outer: Walk): void {
  const value = bag[key];
  if (value === undefined || field.value.kind !== "message") return;
  const type = field.value.type();
  // What people read of a command is the workflow's own, whomever the command is for.
  const walk = type.typeName === UserMetadata.typeName ? { ...outer, owner: undefined } : outer;
  const visit = (at: Bag, name: string): void => {
    if (type.typeName === Payload.typeName) collectPayload(at, name, walk);
    else collect(type, at[name] as Bag, walk);
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

function listSite(message: Bag, owner: object | undefined): PayloadSite {
  return {
    owner,
    payloads: message["payloads"] as Payload[],
    replace: (payloads) => {
      message["payloads"] = payloads;
    },
  };
}

function singleSite(bag: Bag, key: string, owner: object | undefined): PayloadSite {
  return {
    owner,
    payloads: [bag[key] as Payload],
    replace: ([payload]) => {
      bag[key] = payload;
    },
  };
}

function collectPacked(message: Bag, { sites, plans, owner }: Walk): void {
  const type = packed.get(message["typeUrl"] as string);
  if (type === undefined) return;
  const inner = type.decode(message["value"] as Uint8Array) as Bag;
  const innerWalk: Walk = { sites: [], plans, owner };
  collect(type, inner, innerWalk);
  for (const site of innerWalk.sites) {
    sites.push({
      owner,
      payloads: site.payloads,
      replace: (payloads) => {
        site.replace(payloads);
        message["value"] = type.encode(inner);
      },
    });
  }
}

function collectPayload(bag: Bag, key: string, walk: Walk): void {
  const payload = bag[key] as Payload;
  if (!(SYSTEM_PAYLOAD_KEY in payload.metadata)) {
    walk.sites.push(singleSite(bag, key, walk.owner));
    return;
  }
  // What a workflow asks of the service itself: the message is the service's to read, the payloads in it are the user's.
  const type = systemMessages.get(utf8Text(payload.metadata["messageType"] ?? new Uint8Array()));
  if (type === undefined) return;
  const inner = type.decode(payload.data) as Bag;
  const innerWalk: Walk = { ...walk, sites: [] };
  collect(type, inner, innerWalk);
  for (const site of innerWalk.sites) {
    walk.sites.push({
      ...site,
      replace: (payloads) => {
        site.replace(payloads);
        bag[key] = { ...payload, data: type.encode(inner) };
      },
    });
  }
}

/** Which fields of which types may lead to payloads; most of a history does not, and is passed over. */
class Plans {
  readonly #skipped: ReadonlySet<string>;
  readonly #fields = new Map<string, readonly FieldInfo[]>();

  constructor(...skipped: readonly string[]) {
    this.#skipped = new Set(skipped);
  }

  fieldsOf(type: MessageType<object>): readonly FieldInfo[] {
    let fields = this.#fields.get(type.typeName);
    if (fields === undefined) {
      fields = type
        .fields()
        .filter((field) => field.value.kind === "message" && this.#leadsToPayloads(field.value.type(), new Set()));
      this.#fields.set(type.typeName, fields);
    }
    return fields;
  }

  #leadsToPayloads(type: MessageType<object>, seen: Set<string>): boolean {
    const { typeName } = type;
    if (typeName === Payload.typeName || typeName === Payloads.typeName || typeName === Any.typeName) return true;
    if (this.#skipped.has(typeName) || seen.has(typeName)) return false;
    seen.add(typeName);
    return type
      .fields()
      .some((field) => field.value.kind === "message" && this.#leadsToPayloads(field.value.type(), seen));
  }
}

// Search attributes are for the service, which has to read them.
const plansWithHeaders = new Plans(SearchAttributes.typeName);
const plansWithoutHeaders = new Plans(SearchAttributes.typeName, Header.typeName);
