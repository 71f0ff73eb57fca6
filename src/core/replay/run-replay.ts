import type { Failure } from "../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import { TemporalError } from "../errors.ts";
import type { Activation, ActivationCompletion, ActivationJob } from "./activation.ts";
import { applyCommands } from "./apply-command.ts";
import { applySequence, endReplay, resolveNextLocalActivity } from "./apply-sequence.ts";
import { HistoryFeed, type MissingEvents } from "./history-feed.ts";
import { fromMessage } from "./incoming-update.ts";
import { toInitializeWorkflow } from "./initialize.ts";
import type { LocalActivityResult } from "./local-activity-queue.ts";
import { newRunState, type RunReplayOptions } from "./new-run-state.ts";
import type { RunState } from "./run-state.ts";
import { LangFlag } from "./sdk-flags.ts";
import {
  type PendingQuery,
  type QueryResult,
  type ReplayTask,
  type TaskOutcome,
  toFailedOutcome,
  toPendingQueries,
  toQueryJob,
} from "./task.ts";

/** Job order within an activation; the sort keeps the order of history among equals. */
const ranks: Readonly<Record<ActivationJob["kind"], number>> = {
  initializeWorkflow: 0,
  notifyHasPatch: 1,
  updateRandomSeed: 2,
  signalWorkflow: 3,
  doUpdate: 3,
  fireTimer: 4,
  resolveActivity: 4,
  resolveChildWorkflowStart: 4,
  resolveChildWorkflow: 4,
  resolveSignalExternal: 4,
  resolveCancelExternal: 4,
  resolveNexusOperationStart: 4,
  resolveNexusOperation: 4,
  cancelWorkflow: 4,
  queryWorkflow: 7,
};
const CANCEL_LAST = 6;

/**
 * One run of a workflow as its worker sees it, for as long as the worker holds the run: workflow tasks in, activations of
 * the code out, what the code did in, the task's answer out.
 *
 * For each task: {@link feed} it; while {@link missing} is set, fetch and {@link addPage}; carry out every
 * {@link nextActivation} and {@link complete} it; when there is none, {@link takeOutcome}. While the outcome is to wait
 * for local activities, their results come by {@link resolveLocalActivity} and more activations may follow.
 *
 * After an outcome `failed`, and after any answer that the server refused, the run must be dropped: code and history
 * no longer agree.
 */
export class RunReplay {
  readonly #run: RunState;
  readonly #options: RunReplayOptions;
  readonly #feed = new HistoryFeed();
  #task: ReplayTask | undefined;
  #queries: readonly PendingQuery[] = [];
  #queryResults: QueryResult[] = [];
  #failure: Extract<TaskOutcome, { kind: "failed" }> | undefined;
  #versioningBehavior = 0;
  #isActive = false;
  #isHeartbeat = false;
  /** A new task's first events go with jobs that local activities left since the last one. */
  #isFresh = false;

  constructor(options: RunReplayOptions) {
    this.#options = options;
    this.#run = newRunState(options);
  }

  /** The code has ended the workflow: no more tasks will come once this one is answered. */
  get isFinished(): boolean {
    return this.#run.isFinished;
  }

  /** Id of the last event applied. */
  get lastEventId(): number {
    return this.#run.lastEventId;
  }

  /** Events that the next activation needs: all of history from its start, or the next page. */
  get missing(): MissingEvents | undefined {
    if (this.#task === undefined || this.#failure !== undefined || this.#isActive || this.#run.hasEnded)
      return undefined;
    return this.#hasJobs() && !this.#isFresh ? undefined : this.#feed.missing;
  }

  /** Begins a workflow task. */
  feed(task: ReplayTask): void {
    if (this.#task !== undefined)
      throw new Error(`Cannot feed a task to run "${this.#options.runId}": one is in progress`);
    this.#task = task;
    this.#queries = toPendingQueries(task);
    this.#queryResults = [];
    this.#isFresh = true;
    this.#isHeartbeat = false;
    this.#attempt(() => {
      const run = this.#run;
      run.pendingUpdates = (task.messages ?? []).map(fromMessage);
      run.previousStartedEventId = task.previousStartedEventId;
      run.isReplaying = task.previousStartedEventId > 0;
      const untilEventId = task.legacyQuery === undefined ? task.startedEventId : 0;
      this.#feed.begin(task.events, {
        hasMorePages: task.hasMorePages ?? false,
        nextEventId: run.lastEventId + 1,
        untilEventId,
      });
    });
  }

  /** Adds a page of events that {@link missing} asked for. */
  addPage(events: readonly HistoryEvent[], hasMorePages: boolean): void {
    this.#attempt(() => {
      this.#feed.addPage(events, { hasMorePages, nextEventId: this.#run.lastEventId + 1 });
    });
  }

  /** The next activation of the task in progress; none while events are missing, and none when it can be answered. */
  nextActivation(): Activation | undefined {
    if (this.#isActive) throw new Error(`Cannot activate run "${this.#options.runId}": an activation is in progress`);
    if (this.#task === undefined || this.#failure !== undefined || this.#isExpiredQuery()) return undefined;
    this.#attempt(() => this.#advance());
    if (this.#failure !== undefined || this.missing !== undefined) return undefined;
    const jobs = this.#takeJobs();
    if (jobs.length > 0) return this.#activate(jobs, this.#run.isReplaying, this.#run.lastEventId);
    if (this.#queries.length === 0 || (this.#waitsForLocalActivities() && !this.#isHeartbeat)) return undefined;
    const queries = this.#queries.map(toQueryJob);
    this.#queries = [];
    // As the code was last told, whether or not what it did then has been read from history since.
    return this.#activate(queries, true, this.#run.startedEventId);
  }

  /** Takes what the code did in the activation handed out last. */
  complete(completion: ActivationCompletion): void {
    if (!this.#isActive)
      throw new Error(`Cannot complete activation of run "${this.#options.runId}": none is in progress`);
    this.#isActive = false;
    if (completion.status === "failed") {
      this.#fail(completion.cause, completion.failure);
      return;
    }
    this.#attempt(() => {
      this.#run.flags.addLang(completion.usedFlags);
      this.#versioningBehavior = completion.versioningBehavior;
      for (const { queryId, result } of applyCommands(this.#run, completion.commands))
        this.#queryResults.push({ queryId, result });
    });
  }

  /** Takes what came of a local activity. One that the code no longer waits for is ignored. */
  resolveLocalActivity(result: LocalActivityResult): void {
    if (this.#run.localActivityTracks.has(result.seq)) this.#run.localActivities.keepResult(result);
  }

  /** Answers the task before its time is up though local activities still run; the answer asks for a new task. */
  heartbeat(): void {
    this.#isHeartbeat = true;
  }

  /** The server took back a speculative task, whose start is as if it had never been; `startedEventId` is from its answer. */
  discardSpeculativeTask(startedEventId: number): void {
    this.#run.startedEventId = startedEventId;
    this.#run.lastEventId -= 2;
    this.#run.workflowTask = "none";
  }

  /** What to do about the task, once {@link nextActivation} has none; absent if there is no task or it is not that far. */
  takeOutcome(): TaskOutcome | undefined {
    const outcome = this.#findOutcome();
    if (outcome !== undefined && outcome.kind !== "waiting") {
      this.#task = undefined;
      this.#queries = [];
    }
    return outcome;
  }

  #findOutcome(): TaskOutcome | undefined {
    const run = this.#run;
    const task = this.#task;
    if (task === undefined || this.#isActive) return undefined;
    if (this.#failure !== undefined) return this.#failure;
    if (this.#isExpiredQuery()) return { kind: "nothing" };
    if (this.missing !== undefined || this.#hasJobs() || run.localActivities.hasResults || !this.#isCaughtUp())
      return undefined;
    if (task.isReplayOnly === true && this.#queries.length === 0) return { kind: "nothing" };
    if (this.#waitsForLocalActivities() && !this.#isHeartbeat)
      return { kind: "waiting", localActivities: run.localActivities.take() };
    if (this.#queries.length > 0) return undefined;
    if (task.legacyQuery !== undefined) {
      const [answer] = this.#queryResults;
      return answer === undefined ? { kind: "nothing" } : { kind: "queryAnswered", result: answer.result };
    }
    if (run.hasEnded && this.#queryResults.length === 0) return { kind: "nothing" };
    return this.#toCompleted();
  }

  #toCompleted(): TaskOutcome {
    const run = this.#run;
    const { messages } = run;
    run.messages = [];
    run.deploymentVersion = this.#options.deploymentVersion;
    return {
      kind: "completed",
      commands: run.queue.slice(run.queueHead).flatMap(({ command }) => (command === undefined ? [] : [command])),
      messages,
      queryResults: this.#queryResults,
      sdkMetadata: run.flags.take(),
      versioningBehavior: this.#versioningBehavior,
      forceNewTask: this.#isHeartbeat,
      localActivities: run.localActivities.take(),
    };
  }

  /** Applies events until there is something to tell the code, or none are left. */
  #advance(): void {
    const run = this.#run;
    while (!this.#hasJobs()) {
      if (!this.#isFresh && resolveNextLocalActivity(run)) continue;
      if (this.#isCaughtUp() || this.#feed.missing !== undefined) break;
      this.#isFresh = false;
      applySequence(run, this.#feed);
    }
    if (this.#feed.missing === undefined) this.#isFresh = false;
    if (!this.#hasJobs() && this.#isCaughtUp() && run.isReplaying) endReplay(run);
  }

  #isCaughtUp(): boolean {
    return this.#feed.isDone || this.#run.hasEnded;
  }

  #hasJobs(): boolean {
    return this.#run.jobs.length > 0 || this.#run.unannouncedStart !== undefined;
  }

  #takeJobs(): readonly ActivationJob[] {
    const run = this.#run;
    const { jobs } = run;
    run.jobs = [];
    if (run.unannouncedStart !== undefined) {
      jobs.push({
        kind: "initializeWorkflow",
        details: toInitializeWorkflow(run.unannouncedStart, run.identity, run.timeMs ?? 0),
      });
      run.unannouncedStart = undefined;
    }
    if (jobs.length < 2) return jobs;
    const isCancelLast =
      jobs.some(({ kind }) => kind === "cancelWorkflow") &&
      run.flags.useLang(LangFlag.cancellationLast, !run.isReplaying);
    return jobs.toSorted((a, b) => rank(a, isCancelLast) - rank(b, isCancelLast));
  }

  #activate(jobs: readonly ActivationJob[], isReplaying: boolean, historyLength: number): Activation {
    const run = this.#run;
    this.#isActive = true;
    if (!isReplaying) run.deploymentVersion = this.#options.deploymentVersion;
    return {
      timestampMs: run.timeMs ?? 0,
      isReplaying,
      historyLength,
      historySizeBytes: run.historySizeBytes,
      continueAsNewSuggested: run.continueAsNewSuggested,
      suggestContinueAsNewReasons: run.suggestContinueAsNewReasons,
      targetWorkerDeploymentVersionChanged: run.targetWorkerDeploymentVersionChanged,
      deploymentVersion: run.deploymentVersion,
      availableFlags: run.flags.lang,
      lastSdk: run.flags.lastSdk,
      jobs,
    };
  }

  #waitsForLocalActivities(): boolean {
    return this.#run.localActivities.outstanding > 0;
  }

  /** The query was meant for an older state of the run than is held; the server will ask again. */
  #isExpiredQuery(): boolean {
    const task = this.#task;
    return (
      task?.legacyQuery !== undefined &&
      task.startedEventId === 0 &&
      task.previousStartedEventId < this.#run.startedEventId &&
      this.#isFresh
    );
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof TemporalError)) throw error;
      this.#failure = toFailedOutcome(error, this.#task?.legacyQuery !== undefined);
    }
  }

  #fail(cause: number, failure: Failure): void {
    this.#failure = {
      kind: "failed",
      cause,
      failure,
      error: undefined,
      isLegacyQuery: this.#task?.legacyQuery !== undefined,
    };
  }
}

/** Local activities end after everything else that could have happened by then, but for a cancellation that comes last. */
function rank(job: ActivationJob, isCancelLast: boolean): number {
  if (job.kind === "cancelWorkflow" && isCancelLast) return CANCEL_LAST;
  return job.kind === "resolveActivity" && job.isLocal ? 5 : ranks[job.kind];
}
