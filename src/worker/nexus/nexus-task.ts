import { toMs } from "../../core/replay/proto-time.ts";
import type { CancelOperationRequest, StartOperationRequest } from "../../proto/gen/nexus.ts";
import type { PollNexusTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { normalizeHeaders, readRequestTimeoutMs, REQUEST_TIMEOUT_HEADER } from "../../nexus/request-timeout.ts";
import type { PollAnswer } from "../tasks/poller.ts";

/** A Nexus request as the service hands it out. */
export interface NexusTask {
  readonly taskToken: Uint8Array;
  /** Group of the poll that brought it; the answer goes back through the same one. */
  readonly pollerGroupId: string;
  readonly endpoint: string;
  readonly service: string;
  readonly operation: string;
  /** When the service made the request, in milliseconds since the epoch. */
  readonly scheduledTimeMs: number | undefined;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  /** How long the answer is waited for. */
  readonly timeoutMs: number | undefined;
  /** Whether the service takes failures as they are; older ones take them packed. */
  readonly takesFailures: boolean;
  readonly request:
    | { readonly kind: "start"; readonly value: StartOperationRequest }
    | { readonly kind: "cancel"; readonly value: CancelOperationRequest }
    | { readonly kind: "unknown" };
}

/** Reads an answer to a poll for Nexus tasks. */
export function readNexusTask(bytes: Uint8Array): PollAnswer<PollNexusTaskQueueResponse> {
  if (bytes.length === 0) return { task: undefined, pollsDelta: undefined };
  const response = WorkflowService.methods.PollNexusTaskQueue.response.decode(bytes);
  return {
    task: response.taskToken.length === 0 ? undefined : response,
    pollsDelta: response.pollerScalingDecision?.pollRequestDeltaSuggestion,
  };
}

/** A task without the shapes of the wire. */
export function toNexusTask({ taskToken, pollerGroupId, request }: PollNexusTaskQueueResponse): NexusTask {
  const headers = normalizeHeaders(request?.header ?? {});
  const timeout = headers[REQUEST_TIMEOUT_HEADER];
  const variant = request?.variant;
  return {
    taskToken,
    pollerGroupId,
    endpoint: request?.endpoint ?? "",
    service: variant?.value.service ?? "",
    operation: variant?.value.operation ?? "",
    scheduledTimeMs: request?.scheduledTime === undefined ? undefined : toMs(request.scheduledTime),
    headers,
    timeoutMs: timeout === undefined ? undefined : readRequestTimeoutMs(timeout),
    takesFailures: request?.capabilities?.temporalFailureResponses ?? false,
    request: toRequest(variant),
  };
}

function toRequest(variant: NonNullable<PollNexusTaskQueueResponse["request"]>["variant"]): NexusTask["request"] {
  switch (variant?.case) {
    case "startOperation":
      return { kind: "start", value: variant.value };
    case "cancelOperation":
      return { kind: "cancel", value: variant.value };
    case undefined:
      return { kind: "unknown" };
  }
}
