import type { EventType } from "../../proto/gen/enums.ts";
import type { Command } from "../../proto/gen/command.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { EventGroupMarker } from "../../proto/gen/sdk.ts";
import type { HistoryEvent, WorkflowExecutionStartedEventAttributes } from "../../proto/gen/history.ts";
import type { Message } from "../../proto/gen/protocol.ts";
import type { Init } from "../../proto/message.ts";
import type { ActivationJob, WorkflowCommand } from "./activation.ts";
import type { IncomingUpdate } from "./incoming-update.ts";
import type { LocalActivityQueue, LocalActivityResult } from "./local-activity-queue.ts";
import type { WorkflowTaskState } from "./machines/workflow-task.ts";
import type { RecordedLocalActivity } from "./markers.ts";
import type { SdkFlags } from "./sdk-flags.ts";
import type { SparseMap } from "./sparse-map.ts";

/** Who runs: what neither history nor a task repeats. */
export interface RunIdentity {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly taskQueue: string;
}

/** The code's command as error messages name it. */
export interface CommandLabel {
  readonly kind: string;
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

/** One thing that the code started: it follows its events, and tells the code what became of it. */
export interface Track {
  /** Applies an event that is this thing's own: its command's event, or one that names that event. */
  onEvent(event: HistoryEvent, run: RunState): void;
  /** True if it was cancelled before its command was sent: then no command is sent and no event will come. */
  readonly isDropped: boolean;
  /** True if events after its own can still come. */
  readonly isOpen: boolean;
}

/** What the code can cancel. */
export interface CancellableTrack extends Track {
  cancel(run: RunState, reason: string): void;
}

/** A local activity: besides its marker's event, the worker and a look ahead have news of it. */
export interface MarkedTrack extends CancellableTrack {
  /** True while a marker, once seen, tells it something new. */
  readonly awaitsMarker: boolean;
  /** In replay the marker is matched by its number, wherever it is among the other commands' events. */
  readonly matchesMarkerBySeq: boolean;
  /** The marker was seen ahead of its event. */
  onKnownMarker(recorded: RecordedLocalActivity, run: RunState): void;
  /** The worker has run it. */
  onResult(result: LocalActivityResult, run: RunState): void;
  /** The live task has begun: no marker will come. */
  onLiveTask(run: RunState): void;
}

/** An update, which the code answers. */
export interface AnswerableTrack extends Track {
  respond(run: RunState, answer: Extract<WorkflowCommand, { kind: "updateResponse" }>["response"]): void;
}

/** A command on its way to the server, or in replay to its event. */
export interface QueuedCommand {
  readonly track: Track;
  /** The event that records it. */
  readonly eventType: EventType;
  readonly label: CommandLabel;
  /** Absent where history already has the event and nothing is to be sent. */
  readonly command?: Init<Command>;
  /** Issued while replaying: its event has to exist. */
  readonly issuedInReplay: boolean;
  /** Set on patches, which may lack their event, and be followed by the search attribute's. */
  readonly patchId?: string;
}

/** One patch that code or history has named. */
export interface PatchInfo {
  /** The code has issued its command. */
  isIssued: boolean;
}

/**
 * All that is known of a run, shared by the parts that apply events and those that apply commands. Changed in place:
 * it is as alive as the workflow code beside it.
 */
export interface RunState {
  readonly identity: RunIdentity;
  readonly flags: SdkFlags;
  readonly localActivities: LocalActivityQueue;

  isReplaying: boolean;
  /** The events being applied are the last in history. */
  isInLastSequence: boolean;
  hasEnded: boolean;
  /** The code has ended the workflow, whether or not history shows it. */
  isFinished: boolean;
  lastEventId: number;
  /** The start of the last workflow task that counts. */
  startedEventId: number;
  /** The start that the events being applied lead to. */
  nextStartedEventId: number;
  previousStartedEventId: number;
  workflowTask: WorkflowTaskState;
  workflowTaskStart: { readonly eventId: number; readonly timeMs: number };

  timeMs: number | undefined;
  historySizeBytes: number;
  continueAsNewSuggested: boolean;
  suggestContinueAsNewReasons: readonly number[];
  targetWorkerDeploymentVersionChanged: boolean;
  deploymentVersion: { readonly deploymentName: string; readonly buildId: string } | undefined;

  /** What the run's first event says and later commands need. */
  start: Pick<WorkflowExecutionStartedEventAttributes, "memo" | "searchAttributes" | "retryPolicy"> | undefined;
  /** The run's first event until its job is handed out: the job also tells when the first task began. */
  unannouncedStart: HistoryEvent | undefined;
  /** Search attributes that the code upserted. */
  readonly upsertedSearchAttributes: Record<string, Payload>;

  jobs: ActivationJob[];
  /** Groups of the command that is being applied. */
  eventGroupMarkers: readonly EventGroupMarker[] | undefined;
  /** Groups of what was started in some, for the commands that follow. */
  groupsByTrack: WeakMap<Track, readonly EventGroupMarker[]> | undefined;
  /** Commands issued, in order; those before `queueHead` have been seen in history. */
  queue: QueuedCommand[];
  queueHead: number;
  messages: Init<Message>[];

  readonly byEventId: SparseMap<number, Track>;
  /** What the code numbers, each kind for itself. Requests to cancel another workflow are not here: nobody can cancel them. */
  readonly timers: SparseMap<number, CancellableTrack>;
  readonly activities: SparseMap<number, CancellableTrack>;
  readonly children: SparseMap<number, CancellableTrack>;
  readonly signals: SparseMap<number, CancellableTrack>;
  readonly nexusOperations: SparseMap<number, CancellableTrack>;
  readonly localActivityTracks: SparseMap<number, MarkedTrack>;
  readonly waitingLocalActivities: SparseMap<MarkedTrack, true>;
  readonly updates: SparseMap<string, AnswerableTrack>;
  /** Updates that wait for their place between events. */
  pendingUpdates: readonly IncomingUpdate[];
  /** Updates that replayed events admitted, by protocol instance, until others say that they were accepted. */
  readonly admittedUpdates: SparseMap<string, IncomingUpdate>;
  readonly patches: SparseMap<string, PatchInfo>;
}

/** Puts a command in the queue. */
export function issue(run: RunState, queued: Omit<QueuedCommand, "issuedInReplay">): void {
  keepGroups(run, queued.track);
  const markers = run.groupsByTrack?.get(queued.track);
  const command =
    queued.command === undefined || markers === undefined
      ? queued.command
      : { ...queued.command, eventGroupMarkers: [...markers] };
  run.queue.push({ ...queued, ...(command === undefined ? {} : { command }), issuedInReplay: run.isReplaying });
}

/** Remembers the groups of the command being applied for whatever it has started. */
export function keepGroups(run: RunState, track: Track | undefined): void {
  if (track === undefined || run.eventGroupMarkers === undefined) return;
  run.groupsByTrack ??= new WeakMap();
  run.groupsByTrack.set(track, run.eventGroupMarkers);
}

/** Workflow time never goes back. */
export function advanceTime(run: RunState, timeMs: number): void {
  if (run.timeMs === undefined || run.timeMs < timeMs) run.timeMs = timeMs;
}
