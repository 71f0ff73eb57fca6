import { utf8Length } from "../../core/text/utf8.ts";
import { activityTimeouts } from "../../core/execution/activity/timeouts.ts";
import { cappedDuration, durationFault, priorityFault } from "../../core/execution/command/check.ts";
import { durationMs } from "../../core/execution/duration.ts";
import { retryPolicyFault, withRetryDefaults } from "../../core/schedule/retry.ts";
import { ActivityIdConflictPolicy, ActivityIdReusePolicy } from "../../proto/gen/enums.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { UserMetadata } from "../../proto/gen/sdk.ts";
import type { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { isTooLarge } from "./blob-size.ts";
import { checkCallbacks } from "./completion-callbacks.ts";
import { checkLinks } from "./link-check.ts";
import { isLongerThan, isUuid, requireTaskQueue } from "./requests.ts";
import { checkSearchAttributes } from "./start-request.ts";

/** What every request about one standalone activity says. */
export interface ActivityReference {
  readonly activityId: string;
  readonly runId: string;
  readonly identity?: string;
  readonly requestId?: string;
}

/** Refuses calls about standalone activities where there are none. */
export function requireStandaloneActivities({ settings }: Services): void {
  if (!settings.standaloneActivities) throw unimplemented("Standalone activity is disabled");
}

/** Checks the ids of a request about one standalone activity. */
export function checkReference(services: Services, reference: ActivityReference): void {
  const { activityId, runId, identity = "", requestId = "" } = reference;
  if (activityId === "") throw invalidArgument("activity ID is required");
  checkLength(services, "activity ID", activityId);
  checkLength(services, "request ID", requestId);
  checkLength(services, "identity", identity);
  if (runId !== "" && !isUuid(runId)) throw invalidArgument("invalid run id: must be a valid UUID");
}

/**
 * Checks a request to start an activity and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function prepareActivityStart(
  services: Services,
  namespace: Namespace,
  request: StartActivityExecutionRequest,
): StartActivityExecutionRequest {
  const { settings } = services;
  const delayFault = durationFault(request.startDelay);
  if (delayFault !== undefined) throw invalidArgument(`invalid StartDelay: ${delayFault}`);
  if (durationMs(request.startDelay) > 0 && !settings.activityStartDelay) {
    throw invalidArgument("start_delay is not enabled for this namespace");
  }
  const taskQueue = requireTaskQueue(services, request.taskQueue);
  const retryPolicy = withRetryDefaults(request.retryPolicy);
  checkAttributes(services, request, retryPolicy);
  const timeouts = activityTimeouts(
    request,
    0,
    `ActivityId=${request.activityId} ActivityType=${request.activityType?.name ?? ""}`,
  );
  if (typeof timeouts === "string") throw invalidArgument(timeouts);
  checkStart(services, namespace, request);
  const completionCallbacks = checkCallbacks(services, request.completionCallbacks);
  const { idReusePolicy, idConflictPolicy } = request;
  return {
    ...request,
    ...timeouts,
    completionCallbacks,
    taskQueue,
    retryPolicy,
    startDelay: cappedDuration(request.startDelay),
    requestId: request.requestId || services.newId(),
    idReusePolicy: idReusePolicy || ActivityIdReusePolicy.ALLOW_DUPLICATE,
    idConflictPolicy: idConflictPolicy || ActivityIdConflictPolicy.FAIL,
  };
}

function checkAttributes(
  services: Services,
  { activityId, activityType, priority }: StartActivityExecutionRequest,
  retryPolicy: ReturnType<typeof withRetryDefaults>,
): void {
  if (activityId === "") throw invalidArgument("activityId is not set");
  if ((activityType?.name ?? "") === "") throw invalidArgument("activityType is not set");
  const wrongRetry = retryPolicyFault(retryPolicy);
  if (wrongRetry !== undefined) throw invalidArgument(wrongRetry);
  checkLength(services, "activityId", activityId);
  checkLength(services, "activityType", activityType?.name ?? "");
  const wrongPriority = priorityFault(priority);
  if (wrongPriority !== undefined) throw invalidArgument(`invalid priorities: ${wrongPriority}`);
}

function checkStart(services: Services, namespace: Namespace, request: StartActivityExecutionRequest): void {
  const { completionCallbacks, links, onConflictOptions: options } = request;
  checkLength(services, "request ID", request.requestId);
  checkLength(services, "identity", request.identity);
  if (isTooLarge(services, request.input)) throw invalidArgument("input exceeds length limit");
  checkUserMetadata(services, request.userMetadata);
  checkSearchAttributes(namespace, request.searchAttributes);
  if (completionCallbacks.length > 0 && !services.settings.activityCallbacks) {
    throw invalidArgument("completion callbacks are not enabled for this namespace");
  }
  checkLinks(services, [...links, ...completionCallbacks.flatMap((callback) => callback.links)]);
  if (options?.attachCompletionCallbacks === true && !options.attachRequestId) {
    throw invalidArgument("on_conflict_options: attach_completion_callbacks requires attach_request_id to be set");
  }
  if (options?.attachRequestId === true && completionCallbacks.length === 0 && links.length === 0) {
    throw invalidArgument("on_conflict_options: attach_request_id requires at least one completion callback or link");
  }
}

/** Refuses a summary or details that are too large. */
export function checkUserMetadata({ settings }: Services, metadata: UserMetadata | undefined): void {
  for (const [name, payload, limit] of [
    ["summary", metadata?.summary, settings.summarySizeMaxBytes],
    ["details", metadata?.details, settings.detailsSizeMaxBytes],
  ] as const) {
    const length = payload === undefined ? 0 : Payload.encode(payload).length;
    if (length > limit) {
      throw invalidArgument(`user_metadata.${name} exceeds size limit. Length=${length} Limit=${limit}`);
    }
  }
}

/** Refuses a text that is longer than ids may be. */
export function checkLength({ settings }: Services, name: string, text: string): void {
  if (!isLongerThan(text, settings.idLengthMax)) return;
  const length = utf8Length(text);
  throw invalidArgument(`${name} exceeds length limit. Length=${length} Limit=${settings.idLengthMax}`);
}
