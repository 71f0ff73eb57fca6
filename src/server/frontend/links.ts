import type { Link } from "../../proto/gen/common.ts";
import { EventType } from "../../proto/gen/enums.ts";
import type { Init } from "../../proto/message.ts";
import type { Run } from "../history/run.ts";
import type { Namespace } from "../namespaces/namespace.ts";

/** Points at a run's first event. */
export function startLink({ name: namespace }: Namespace, { workflowId, runId }: Run): Init<Link> {
  const eventType = EventType.WORKFLOW_EXECUTION_STARTED;
  return {
    variant: {
      case: "workflowEvent",
      value: {
        namespace,
        workflowId,
        runId,
        reference: { case: "eventRef", value: { eventId: 1, eventType } },
      },
    },
  };
}

/** Points at the event of a signal by its request, since the event may not have an id yet. */
export function signalLink(namespace: Namespace, run: Run, requestId: string): Init<Link> {
  return requestLink(namespace, run, requestId, EventType.WORKFLOW_EXECUTION_SIGNALED);
}

/** Points at an event by the request that caused it. */
export function requestLink(
  { name: namespace }: Namespace,
  { workflowId, runId }: Run,
  requestId: string,
  eventType: EventType,
): Init<Link> {
  return {
    variant: {
      case: "workflowEvent",
      value: {
        namespace,
        workflowId,
        runId,
        reference: { case: "requestIdRef", value: { requestId, eventType } },
      },
    },
  };
}
