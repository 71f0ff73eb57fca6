import { pascalCase } from "../../core/schedule/retry.ts";
import {
  Link_Activity,
  Link_NexusOperation,
  Link_Workflow,
  Link_WorkflowEvent,
  type Link,
} from "../../proto/gen/common.ts";
import { EventType$names, type EventType } from "../../proto/gen/enums.ts";
import type { Link as NexusLink } from "../../proto/gen/nexus.ts";

const EVENT_REFERENCE = "EventReference";
const REQUEST_ID_REFERENCE = "RequestIdReference";

const eventTypeNames = new Map<string, EventType>(
  Object.entries(EventType$names).flatMap(([type, name]) => [
    [name, Number(type) as EventType],
    [eventTypeName(Number(type) as EventType), Number(type) as EventType],
  ]),
);

function eventTypeName(type: EventType): string {
  return pascalCase((EventType$names[type] ?? "").replace("EVENT_TYPE_", ""));
}

/** A link as it travels with Nexus requests; undefined for one that has no such form. */
export function toNexusLink({ variant }: Link): NexusLink | undefined {
  switch (variant?.case) {
    case "workflowEvent": {
      const { namespace, workflowId, runId } = variant.value;
      const url = `${path(namespace, "workflows", workflowId, runId)}/history?${referenceQuery(variant.value)}`;
      return { url, type: Link_WorkflowEvent.typeName };
    }
    case "nexusOperation": {
      const { namespace, operationId, runId } = variant.value;
      return {
        url: `${path(namespace, "nexus-operations", operationId, runId)}/details`,
        type: Link_NexusOperation.typeName,
      };
    }
    case "activity": {
      const { namespace, activityId, runId } = variant.value;
      return { url: `${path(namespace, "activities", activityId, runId)}/details`, type: Link_Activity.typeName };
    }
    case "workflow": {
      const { namespace, workflowId, runId, reason } = variant.value;
      const query = reason === "" ? "" : `?${new URLSearchParams({ reason }).toString()}`;
      return { url: `${path(namespace, "workflows", workflowId, runId)}${query}`, type: Link_Workflow.typeName };
    }
    default:
      return undefined;
  }
}

function path(namespace: string, kind: string, id: string, runId: string): string {
  return `temporal:///namespaces/${[namespace, kind, id, runId].map(encodeURIComponent).join("/")}`;
}

function referenceQuery({ reference }: Link_WorkflowEvent): string {
  const query = new URLSearchParams();
  if (reference?.case === "eventRef") {
    const { eventId, eventType } = reference.value;
    if (eventId > 0) query.set("eventID", String(eventId));
    query.set("eventType", eventTypeName(eventType));
    query.set("referenceType", EVENT_REFERENCE);
  } else if (reference !== undefined) {
    query.set("eventType", eventTypeName(reference.value.eventType));
    query.set("referenceType", REQUEST_ID_REFERENCE);
    query.set("requestID", reference.value.requestId);
  }
  return query.toString();
}

/** Links of a handler's answer. Those that mean nothing here are left out: nothing depends on links. */
export function fromNexusLinks(links: readonly NexusLink[]): Link[] {
  return links.flatMap((link) => fromNexusLink(link) ?? []);
}

function fromNexusLink({ url, type }: NexusLink): Link | undefined {
  const [, address = "", query = ""] = /^temporal:(?:\/\/)?(\/[^?#]*)(?:\?([^#]*))?/.exec(url) ?? [];
  const parts = /^\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(address)?.slice(1);
  if (parts === undefined) return undefined;
  let decoded: readonly string[];
  try {
    decoded = parts.map((part: string | undefined) => decodeURIComponent(part ?? ""));
  } catch {
    return undefined;
  }
  const [namespace = "", kind = "", id = "", runId = "", tail = ""] = decoded;
  const parameters = new URLSearchParams(query);
  if (type === Link_WorkflowEvent.typeName && kind === "workflows" && tail === "history") {
    const reference = toReference(parameters);
    if (reference === undefined) return undefined;
    return { variant: { case: "workflowEvent", value: { namespace, workflowId: id, runId, reference } } };
  }
  if (type === Link_Activity.typeName && kind === "activities" && tail === "details")
    return { variant: { case: "activity", value: { namespace, activityId: id, runId } } };
  if (type === Link_NexusOperation.typeName && kind === "nexus-operations" && tail === "details")
    return { variant: { case: "nexusOperation", value: { namespace, operationId: id, runId } } };
  if (type === Link_Workflow.typeName && kind === "workflows" && tail === "") {
    const reason = parameters.get("reason") ?? "";
    return { variant: { case: "workflow", value: { namespace, workflowId: id, runId, reason } } };
  }
  return undefined;
}

function toReference(parameters: URLSearchParams): Link_WorkflowEvent["reference"] {
  const eventType = eventTypeNames.get(parameters.get("eventType") ?? "");
  if (eventType === undefined) return undefined;
  switch (parameters.get("referenceType")) {
    case EVENT_REFERENCE: {
      const eventId = Number(parameters.get("eventID") ?? "0");
      return Number.isSafeInteger(eventId) ? { case: "eventRef", value: { eventId, eventType } } : undefined;
    }
    case REQUEST_ID_REFERENCE:
      return { case: "requestIdRef", value: { requestId: parameters.get("requestID") ?? "", eventType } };
    default:
      return undefined;
  }
}
