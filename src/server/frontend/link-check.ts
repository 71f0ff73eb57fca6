import { Link } from "../../proto/gen/common.ts";
import { EventType } from "../../proto/gen/enums.ts";
import { invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";

/** Refuses links that are too many or too large, or that lack what makes them lead anywhere. */
export function checkLinks({ settings }: Services, links: readonly Link[]): void {
  const { linksPerRequestMax, linkSizeMaxBytes } = settings;
  if (links.length > linksPerRequestMax) {
    throw invalidArgument(`cannot attach more than ${linksPerRequestMax} links per request, got ${links.length}`);
  }
  for (const link of links) {
    const size = Link.encode(link).length;
    if (size > linkSizeMaxBytes) {
      throw invalidArgument(`link exceeds allowed size of ${linkSizeMaxBytes}, got ${size}`);
    }
    const fault = linkFault(link);
    if (fault !== undefined) throw invalidArgument(fault);
  }
}

function linkFault({ variant }: Link): string | undefined {
  switch (variant?.case) {
    case "workflowEvent": {
      const { namespace, workflowId, runId, reference } = variant.value;
      const ref = reference?.case === "eventRef" ? reference.value : undefined;
      if (ref !== undefined && ref.eventType === EventType.UNSPECIFIED && ref.eventId !== 0) {
        return "workflow event link ref cannot have an unspecified event type and a non-zero event ID";
      }
      return emptyFieldFault("workflow event", { namespace, "workflow ID": workflowId, "run ID": runId });
    }
    case "batchJob":
      return variant.value.jobId === "" ? "batch job link must not have an empty job ID" : undefined;
    case "nexusOperation": {
      const { namespace, operationId, runId } = variant.value;
      return emptyFieldFault("nexus operation", { namespace, "operation ID": operationId, "run ID": runId });
    }
    case "activity": {
      const { namespace, activityId, runId } = variant.value;
      return emptyFieldFault("activity", { namespace, "activity ID": activityId, "run ID": runId });
    }
    case "workflow": {
      const { namespace, workflowId, runId } = variant.value;
      return emptyFieldFault("workflow", { namespace, "workflow ID": workflowId, "run ID": runId });
    }
    case undefined:
      return "unsupported link variant";
  }
}

function emptyFieldFault(kind: string, fields: Readonly<Record<string, string>>): string | undefined {
  const empty = Object.keys(fields).find((name) => fields[name] === "");
  return empty === undefined ? undefined : `${kind} link must not have an empty ${empty} field`;
}
