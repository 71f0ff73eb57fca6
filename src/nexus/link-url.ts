import { EventType$names } from "../proto/gen/enums.ts";
import { Link, Link_Activity, Link_NexusOperation, Link_Workflow, Link_WorkflowEvent } from "../proto/gen/common.ts";
import type { Init } from "../proto/message.ts";

/** A link as Nexus carries it: what kind of thing it names, and where that is. */
export interface LinkURL {
  readonly url: string;
  readonly type: string;
}

type Variant = NonNullable<Link["variant"]>;
type EventLink = Link_WorkflowEvent;

const EVENT_PREFIX = "EVENT_TYPE_";

/** A link as Nexus carries it; `undefined` for links that it does not know. */
export function toLinkURL(link: Link): LinkURL | undefined {
  const { variant } = link;
  switch (variant?.case) {
    case "workflowEvent":
      return {
        type: Link_WorkflowEvent.typeName,
        url: toURL(workflowPath(variant.value, "/history"), eventQuery(variant.value)),
      };
    case "workflow": {
      const { reason } = variant.value;
      const query = reason === "" ? {} : { reason };
      return { type: Link_Workflow.typeName, url: toURL(workflowPath(variant.value, ""), query) };
    }
    case "activity": {
      const { namespace, activityId, runId } = variant.value;
      const path = pathOf(["namespaces", namespace, "activities", activityId, runId, "details"]);
      return { type: Link_Activity.typeName, url: toURL(path, {}) };
    }
    case "nexusOperation": {
      const { namespace, operationId, runId } = variant.value;
      const path = pathOf(["namespaces", namespace, "nexus-operations", operationId, runId, "details"]);
      return { type: Link_NexusOperation.typeName, url: toURL(path, {}) };
    }
    case "batchJob":
    case undefined:
      return undefined;
  }
}

/** The link of a Nexus link; `undefined` if it is of a kind that is not known, or cannot be read. */
export function fromLinkURL(link: LinkURL): Link | undefined {
  const parts = splitURL(link.url);
  if (parts === undefined) return undefined;
  const variant = readVariant(link.type, parts);
  return variant === undefined ? undefined : Link.create({ variant });
}

interface URLParts {
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, readonly string[]>;
}

function readVariant(type: string, { path, query }: URLParts): Init<Variant> | undefined {
  const [root, namespace = "", kind, id = "", runId = "", last, ...rest] = path;
  if (root !== "namespaces" || namespace === "" || id === "" || rest.length > 0) return undefined;
  switch (type) {
    case Link_WorkflowEvent.typeName: {
      if (kind !== "workflows" || last !== "history" || runId === "") return undefined;
      const reference = readReference(query);
      return reference && { case: "workflowEvent", value: { namespace, workflowId: id, runId, reference } };
    }
    case Link_Workflow.typeName: {
      const [reason = "", ...more] = query.get("reason") ?? [];
      if (kind !== "workflows" || last !== undefined || runId === "" || more.length > 0) return undefined;
      return { case: "workflow", value: { namespace, workflowId: id, runId, reason } };
    }
    case Link_Activity.typeName:
      if (kind !== "activities" || last !== "details" || runId === "") return undefined;
      return { case: "activity", value: { namespace, activityId: id, runId } };
    case Link_NexusOperation.typeName:
      if (kind !== "nexus-operations" || last !== "details") return undefined;
      return { case: "nexusOperation", value: { namespace, operationId: id, runId } };
    default:
      return undefined;
  }
}

function readReference(query: URLParts["query"]): EventLink["reference"] {
  const eventType = readEventType(query.get("eventType")?.[0]);
  if (eventType === undefined) return undefined;
  switch (query.get("referenceType")?.[0]) {
    case "EventReference": {
      const eventId = Number(query.get("eventID")?.[0] ?? "0");
      return Number.isSafeInteger(eventId) ? { case: "eventRef", value: { eventId, eventType } } : undefined;
    }
    case "RequestIdReference":
      return { case: "requestIdRef", value: { requestId: query.get("requestID")?.[0] ?? "", eventType } };
    default:
      return undefined;
  }
}

function eventQuery({ reference }: EventLink): Readonly<Record<string, string>> {
  switch (reference?.case) {
    case "eventRef": {
      const { eventId, eventType } = reference.value;
      return { eventID: String(eventId), eventType: eventTypeName(eventType), referenceType: "EventReference" };
    }
    case "requestIdRef": {
      const { requestId, eventType } = reference.value;
      return {
        referenceType: "RequestIdReference",
        ...(requestId === "" ? {} : { requestID: requestId }),
        eventType: eventTypeName(eventType),
      };
    }
    case undefined:
      return {};
  }
}

/** `WorkflowExecutionStarted` for its code. */
function eventTypeName(code: number): string {
  const name = (EventType$names[code] ?? "").slice(EVENT_PREFIX.length);
  return name.toLowerCase().replaceAll(/(^|_)([a-z])/g, (_match, _start, letter: string) => letter.toUpperCase());
}

function readEventType(name: string | undefined): EventTypeCode | undefined {
  if (name === undefined) return undefined;
  const full = name.startsWith(EVENT_PREFIX)
    ? name
    : EVENT_PREFIX +
      name
        .replaceAll(/([A-Z])/g, "_$1")
        .replace(/^_/, "")
        .toUpperCase();
  const found = Object.entries(EventType$names).find(([, known]) => known === full);
  return found === undefined ? undefined : (Number(found[0]) as EventTypeCode);
}

type EventTypeCode = NonNullable<EventLink["reference"]>["value"]["eventType"];

function workflowPath(
  { namespace, workflowId, runId }: { namespace: string; workflowId: string; runId: string },
  end: string,
): string {
  return pathOf(["namespaces", namespace, "workflows", workflowId, runId]) + end;
}

function pathOf(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join("/")}`;
}

function toURL(path: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `temporal://${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

function splitURL(url: string): URLParts | undefined {
  const [, path = "", search = ""] = /^[a-z]+:\/\/[^/?#]*\/([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? [];
  if (path === "") return undefined;
  try {
    const query = new Map<string, string[]>();
    for (const pair of search.split("&").filter((part) => part !== "")) {
      const [name = "", value = ""] = pair.split("=").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
      query.set(name, [...(query.get(name) ?? []), value]);
    }
    return { path: path.split("/").map(decodeURIComponent), query };
  } catch {
    // A broken percent escape: nobody can read such a link.
    return undefined;
  }
}
