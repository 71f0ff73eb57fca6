import type {
  ActivationJob,
  Activation,
  DoUpdate,
  InitializeWorkflow,
  WorkflowCommand,
} from "../../core/replay/activation.ts";
import type { VersioningBehavior } from "../../core/options/versioning.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { EventGroupMarker } from "../../proto/gen/sdk.ts";
import type { TypedSearchAttributes } from "../../payload/search-attributes.ts";
import type { FailureType } from "../definition.ts";
import type { WorkflowHost } from "../host.ts";
import type { WorkflowInboundInterceptor, WorkflowInterceptors, WorkflowOutboundInterceptor } from "../interceptors.ts";
import type { SpanScope } from "../tracing/span-scope.ts";
import type { Instance } from "../types.ts";
import { NotInWorkflowError, ReadOnlyContextError } from "../workflow-error.ts";
import { Conditions } from "./conditions.ts";
import { type HandlerExecution, HandlerSet } from "./handler-set.ts";
import type { PendingActivity, PendingChild, PendingNexusOperation, PendingRequest, PendingTimer } from "./pending.ts";
import { RandomStream } from "./random-stream.ts";
import type { Scope } from "./scope.ts";
import type { ActiveGroups } from "./active-groups.ts";
import { SeqTable } from "./seq-table.ts";
import type { RunSettings } from "./settings.ts";
import { captureTrace, type Trace } from "./trace.ts";

/** What an activation says of the moment, without its jobs. */
export type ActivationFacts = Omit<Activation, "jobs">;

/** An update that is being handled. */
export interface UpdateInfo {
  readonly id: string;
  readonly name: string;
}

/** What goes along with asynchronous code of a run. */
export interface Frame {
  readonly run: Run;
  readonly scope: Scope;
  readonly update: UpdateInfo | undefined;
  /** Where spans of tracing belong. @default to the run */
  readonly spans?: SpanScope | undefined;
  /** Groups that commands are put into. @default none */
  readonly groups?: ActiveGroups | undefined;
}

/** A signal as an activation brings it. */
export type SignalJob = Extract<ActivationJob, { kind: "signalWorkflow" }>;

/** Commands that leave no event of their own, or that follow what they cancel, and so its groups. */
const hasNoGroups: ReadonlySet<WorkflowCommand["kind"]> = new Set([
  "cancelTimer",
  "requestCancelActivity",
  "requestCancelLocalActivity",
  "cancelChildWorkflow",
  "cancelSignalExternal",
  "requestCancelNexusOperation",
  "updateResponse",
  "respondToQuery",
  "completeWorkflow",
  "failWorkflow",
  "cancelWorkflow",
]);

const noFacts: ActivationFacts = {
  timestampMs: 0,
  isReplaying: false,
  historyLength: 0,
  historySizeBytes: 0,
  continueAsNewSuggested: false,
  suggestContinueAsNewReasons: [],
  targetWorkerDeploymentVersionChanged: false,
};

const leavesNothingPending: ReadonlySet<WorkflowCommand["kind"]> = new Set([
  "setPatchMarker",
  "upsertSearchAttributes",
  "modifyProperties",
]);

/** The state of one run of a workflow, between and during activations. */
export class Run {
  readonly settings: RunSettings;
  readonly rootFrame: Frame;
  inbound: readonly WorkflowInboundInterceptor[] = [];
  outbound: readonly WorkflowOutboundInterceptor[] = [];
  /** Asked before a patch that history does not know takes effect. */
  patchActivations: readonly NonNullable<WorkflowInterceptors["patchActivation"]>[] = [];
  /** True while an activation is applied: code that runs at other times was woken by what must not wake it. */
  isActivated = false;
  facts: ActivationFacts = noFacts;
  /** Undefined before the first activation. */
  details: InitializeWorkflow | undefined;
  /** The arguments, until the run method is called. */
  args: readonly unknown[] = [];
  instance: Instance | undefined;
  /** Set once the service has asked for the workflow's cancellation. */
  cancelReason: string | undefined;
  memo: Readonly<Record<string, Payload>> = {};
  /** Undefined until somebody asks. */
  searchAttributes: TypedSearchAttributes | undefined;
  currentDetails = "";
  versioningBehavior: VersioningBehavior;
  failureExceptionTypes: readonly FailureType[];
  /** True in queries and validators. */
  isReadOnly = false;
  /** True in queries and validators, which are live even while history is replayed. */
  isLiveCall = false;

  readonly timers = new SeqTable<PendingTimer>();
  /** Remote and local ones, which share their numbers. */
  readonly activities = new SeqTable<PendingActivity>();
  readonly children = new SeqTable<PendingChild>();
  readonly externalSignals = new SeqTable<PendingRequest>();
  readonly externalCancels = new SeqTable<PendingRequest>();
  readonly nexusOperations = new SeqTable<PendingNexusOperation>();
  readonly conditions = new Conditions();

  readonly signals: HandlerSet;
  readonly queries: HandlerSet;
  readonly updates: HandlerSet;
  /** Signals that no handler has taken, in their order. */
  waitingSignals: SignalJob[] = [];
  /** Updates that no handler has taken in this activation. */
  waitingUpdates: DoUpdate[] = [];
  /** Handlers of signals and updates that run. */
  readonly executions = new Set<HandlerExecution>();

  /** Patches that history knows. */
  knownPatches: readonly string[] = [];
  /** What was answered to patches that were asked for. */
  patchAnswers: Map<string, boolean> | undefined;
  seedListeners: readonly ((seed: string) => void)[] = [];
  /** In replay: where commands that nothing waits for were issued last, by their kind. */
  replayedTraces: Map<string, Trace> | undefined;
  /** Decimal. */
  randomSeed = "0";
  #random: RandomStream | undefined;

  #commands: WorkflowCommand[] = [];
  #hasEnded = false;
  #error: { readonly value: unknown } | undefined;

  constructor(settings: RunSettings, rootScope: Scope) {
    const { definition } = settings;
    this.settings = settings;
    this.rootFrame = { run: this, scope: rootScope, update: undefined };
    this.versioningBehavior = definition.versioningBehavior;
    this.failureExceptionTypes = definition.failureExceptionTypes;
    this.signals = new HandlerSet(definition.signals);
    this.queries = new HandlerSet(definition.queries);
    this.updates = new HandlerSet(definition.updates);
  }

  /** Makes the run's interceptors, which may themselves set handlers; before the workflow's object is made. */
  intercept(): void {
    const interceptors = this.settings.interceptors.map((create) => create());
    this.inbound = interceptors.flatMap(({ inbound }) => inbound ?? []);
    this.outbound = interceptors.flatMap(({ outbound }) => outbound ?? []);
    this.patchActivations = interceptors.flatMap(({ patchActivation }) => patchActivation ?? []);
  }

  get host(): WorkflowHost {
    return this.settings.host;
  }

  /** What the first activation said. */
  get init(): InitializeWorkflow {
    if (this.details === undefined) throw new NotInWorkflowError("read the workflow's info before it has started");
    return this.details;
  }

  /** True while history is replayed, but for queries and validators. */
  get isReplayingHistory(): boolean {
    return this.facts.isReplaying && !this.isLiveCall;
  }

  /** Why this workflow task fails, if it does. */
  get error(): { readonly value: unknown } | undefined {
    return this.#error;
  }

  /** Whether the workflow has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get random(): RandomStream {
    this.#random ??= new RandomStream(this.randomSeed);
    return this.#random;
  }

  /** Starts the stream of random numbers anew. */
  reseed(seed: string): void {
    this.randomSeed = seed;
    this.#random = undefined;
  }

  open(facts: ActivationFacts): void {
    this.facts = facts;
    this.#commands = [];
    this.isActivated = true;
  }

  /** Ends the activation; gives the commands that it made. */
  close(): readonly WorkflowCommand[] {
    const commands = this.#commands;
    this.#commands = [];
    this.#error = undefined;
    this.isActivated = false;
    this.isReadOnly = false;
    this.isLiveCall = false;
    return commands;
  }

  /** Groups of events that commands of the code that asks belong to. */
  get eventGroupMarkers(): readonly EventGroupMarker[] | undefined {
    const frame = this.host.context.getStore() as Frame | undefined;
    return frame?.run === this ? frame.groups?.markers : undefined;
  }

  /** Sends a command with the completion of this activation. */
  push(command: WorkflowCommand, eventGroupMarkers = this.eventGroupMarkers): void {
    if (!this.isActivated) throw new NotInWorkflowError(`issue command ${command.kind}`);
    const isGrouped = eventGroupMarkers !== undefined && !hasNoGroups.has(command.kind);
    this.#commands.push(isGrouped ? { ...command, eventGroupMarkers } : command);
    if (this.facts.isReplaying && leavesNothingPending.has(command.kind)) {
      this.replayedTraces ??= new Map();
      this.replayedTraces.set(command.kind, captureTrace());
    }
  }

  /** Ends the workflow, unless it has ended. */
  end(command: WorkflowCommand, eventGroupMarkers?: readonly EventGroupMarker[]): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(command, eventGroupMarkers);
  }

  /** Fails the workflow task. The first reason stands. */
  failTask(error: unknown): void {
    this.#error ??= { value: error };
  }

  /** @throws {ReadOnlyContextError} In a query or a validator. */
  assertWritable(action: string): void {
    if (this.isReadOnly) throw new ReadOnlyContextError(action);
  }

  /** Runs code that may change nothing. */
  readOnly<T>(code: () => T, isLiveCall: boolean): T {
    const before = [this.isReadOnly, this.isLiveCall] as const;
    this.isReadOnly = true;
    this.isLiveCall = isLiveCall;
    try {
      return code();
    } finally {
      [this.isReadOnly, this.isLiveCall] = before;
    }
  }
}
