import { LocalActivityQueue } from "./local-activity-queue.ts";
import type { RunState } from "./run-state.ts";
import { SdkFlags } from "./sdk-flags.ts";
import { SparseMap } from "./sparse-map.ts";

/** Whose run it is, and who works on it. */
export interface RunReplayOptions {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  /** The worker's. */
  readonly taskQueue: string;
  /** Recorded in history by every first task of a version of the SDK. */
  readonly sdk: { readonly name: string; readonly version: string };
  /**
   * False for a server whose `GetSystemInfo` does not list the capability `sdkMetadata`.
   *
   * @default true
   */
  readonly recordsFlags?: boolean;
  /** The worker's own version, when it has one. */
  readonly deploymentVersion?: { readonly deploymentName: string; readonly buildId: string } | undefined;
}

/** A run of which nothing has been seen yet. */
export function newRunState({
  namespace,
  workflowId,
  runId,
  taskQueue,
  sdk,
  recordsFlags = true,
}: RunReplayOptions): RunState {
  return {
    identity: { namespace, workflowId, runId, taskQueue },
    flags: new SdkFlags(recordsFlags, sdk),
    localActivities: new LocalActivityQueue(),
    isReplaying: false,
    isInLastSequence: false,
    hasEnded: false,
    isFinished: false,
    lastEventId: 0,
    startedEventId: 0,
    nextStartedEventId: 0,
    previousStartedEventId: 0,
    workflowTask: "none",
    workflowTaskStart: { eventId: 0, timeMs: 0 },
    timeMs: undefined,
    historySizeBytes: 0,
    continueAsNewSuggested: false,
    suggestContinueAsNewReasons: [],
    targetWorkerDeploymentVersionChanged: false,
    deploymentVersion: undefined,
    start: undefined,
    unannouncedStart: undefined,
    upsertedSearchAttributes: {},
    jobs: [],
    eventGroupMarkers: undefined,
    groupsByTrack: undefined,
    queue: [],
    queueHead: 0,
    messages: [],
    byEventId: new SparseMap(),
    timers: new SparseMap(),
    activities: new SparseMap(),
    children: new SparseMap(),
    signals: new SparseMap(),
    nexusOperations: new SparseMap(),
    localActivityTracks: new SparseMap(),
    waitingLocalActivities: new SparseMap(),
    updates: new SparseMap(),
    pendingUpdates: [],
    admittedUpdates: new SparseMap(),
    patches: new SparseMap(),
  };
}
