import { isClosed } from "../../core/activity-execution/state.ts";
import { activityExecutionInfo } from "../../core/activity-execution/view.ts";
import {
  WorkflowService,
  type DescribeActivityExecutionRequest,
  type DescribeActivityExecutionResponse,
  type PollActivityExecutionRequest,
  type PollActivityExecutionResponse,
  type StartActivityExecutionRequest,
  type StartActivityExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import type { LiveActivity } from "../activities/activities.ts";
import { invalidArgument, notFound } from "../failures.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { Services } from "../services.ts";
import { callbackInfos } from "./activity-execution-callbacks.ts";
import {
  checkReference,
  prepareActivityStart,
  requireStandaloneActivities,
  type ActivityReference,
} from "./activity-execution-request.ts";
import { serve, type CallRow } from "./calls.ts";
import { decodePollToken, encodePollToken } from "./execution-poll-token.ts";
import { waitForExecution } from "./execution-wait.ts";
import { isLongerThan, requireNamespace } from "./requests.ts";

const DELETE_REASON = "Delete activity execution";

/** Starting standalone activities, looking at them and ending them. */
export function activityExecutionCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.StartActivityExecution, (request) => start(services, request)),
    serve(methods.DescribeActivityExecution, (request, call) => describe(services, request, call)),
    serve(methods.PollActivityExecution, (request, call) => poll(services, request, call)),
    serve(methods.RequestCancelActivityExecution, (request) => end(services, "requestCancel", request)),
    serve(methods.TerminateActivityExecution, (request) => end(services, "terminate", request)),
    serve(methods.DeleteActivityExecution, async (request) => {
      requireStandaloneActivities(services);
      const activity = requireActivity(services, request);
      await deleteActivity(services, activity);
      return {};
    }),
  ];
}

/** The standalone activity that a request names. */
export function requireActivity(
  services: Services,
  request: ActivityReference & { readonly namespace: string },
): LiveActivity {
  checkReference(services, request);
  const namespace = requireNamespace(services, request.namespace);
  const activity = services.activities.find(namespace.id, request.activityId, request.runId);
  if (activity === undefined) throw activityNotFound(request.activityId);
  return activity;
}

/** There is no such activity. */
export function activityNotFound(activityId: string): Error {
  return notFound(`activity not found for ID: ${activityId}`);
}

async function start(
  services: Services,
  request: StartActivityExecutionRequest,
): Promise<Init<StartActivityExecutionResponse>> {
  requireStandaloneActivities(services);
  const namespace = requireNamespace(services, request.namespace);
  const prepared = prepareActivityStart(services, namespace, request);
  const { value, committed } = services.activities.start(namespace, prepared);
  await committed;
  const { runId, started } = value;
  const { activityId } = request;
  return {
    runId,
    started,
    link: { variant: { case: "activity", value: { namespace: namespace.name, activityId, runId } } },
  };
}

async function describe(
  services: Services,
  request: DescribeActivityExecutionRequest,
  call: IncomingCall,
): Promise<Init<DescribeActivityExecutionResponse>> {
  requireStandaloneActivities(services);
  const { longPollToken, runId } = request;
  if (longPollToken.length > 0 && runId === "") {
    throw invalidArgument("run id is required when long poll token is provided");
  }
  const found = requireActivity(services, request);
  if (longPollToken.length === 0) {
    await services.engine.durable;
    return toDescription(services, found, request);
  }
  const token = decodePollToken(longPollToken);
  if (token === undefined) throw invalidArgument("invalid long poll token");
  if (token.key !== found.key) throw invalidArgument("long poll token does not match execution");
  const changed = await waitFor(services, found, call, ({ state }) => state.transitions > token.transitions);
  return changed === undefined ? {} : toDescription(services, changed, request);
}

async function poll(
  services: Services,
  request: PollActivityExecutionRequest,
  call: IncomingCall,
): Promise<Init<PollActivityExecutionResponse>> {
  requireStandaloneActivities(services);
  const found = requireActivity(services, request);
  const closed = await waitFor(services, found, call, ({ state }) => isClosed(state));
  return closed === undefined ? {} : { runId: closed.runId, outcome: closed.state.outcome };
}

/** The activity when it is as wanted; `undefined` if that does not come about in time. */
function waitFor(
  services: Services,
  found: LiveActivity,
  call: IncomingCall,
  isWanted: (activity: LiveActivity) => boolean,
): Promise<LiveActivity | undefined> {
  const load = (key: LiveActivity["key"]): LiveActivity | undefined => services.activities.load(key);
  return waitForExecution(services, found, call, { load, isWanted, gone: activityNotFound });
}

function toDescription(
  services: Services,
  activity: LiveActivity,
  { includeInput, includeOutcome, includeHeartbeatDetails, includeLastFailure }: DescribeActivityExecutionRequest,
): Init<DescribeActivityExecutionResponse> {
  const { activities, clock, namespaces } = services;
  const { key, namespaceId, id: activityId, runId, state } = activity;
  const started = activities.readStart(activity);
  const viewed = { activityId, runId, start: started };
  const info = activityExecutionInfo(state, viewed, clock.now(), { includeHeartbeatDetails, includeLastFailure });
  const indexedFields = typedAttributes(state.searchAttributes, namespaces.findById(namespaceId));
  return {
    runId,
    info: { ...info, searchAttributes: { indexedFields } },
    longPollToken: encodePollToken({ key, transitions: state.transitions }),
    callbacks: callbackInfos(state),
    ...(includeInput && started.input !== undefined ? { input: started.input } : {}),
    ...(includeOutcome && state.outcome !== undefined ? { outcome: state.outcome } : {}),
  };
}

async function end(
  services: Services,
  kind: "requestCancel" | "terminate",
  request: ActivityReference & {
    readonly namespace: string;
    readonly reason: string;
    readonly identity: string;
    readonly requestId: string;
  },
): Promise<Record<string, never>> {
  requireStandaloneActivities(services);
  const activity = requireActivity(services, request);
  checkReason(services, request.reason);
  const { reason, identity, requestId } = request;
  const { committed } = services.activities.apply(activity, {
    kind,
    reason,
    identity,
    requestId: requestId || services.newId(),
  });
  await committed;
  return {};
}

/** Refuses a reason that is too long to be kept. */
export function checkReason({ settings }: Services, reason: string): void {
  if (isLongerThan(reason, settings.blobSizeMaxBytes)) throw invalidArgument("reason exceeds length limit");
}

/** Ends the activity, so that those who wait for it hear of it, and forgets it. */
async function deleteActivity({ activities, engine, newId }: Services, activity: LiveActivity): Promise<void> {
  if (!isClosed(activity.state)) {
    const request = { kind: "terminate", reason: DELETE_REASON, identity: "", requestId: newId() } as const;
    await activities.apply(activity, request).committed;
  }
  const last = activities.load(activity.key);
  await (last === undefined ? engine.durable : activities.delete(last).committed);
}
