import type { Activation, ActivationCompletion, InitializeWorkflow } from "../../core/replay/activation.ts";
import { NondeterminismError } from "../../core/errors.ts";
import type { LocalActivityWork } from "../../core/replay/local-activity-queue.ts";
import type { RunReplayOptions } from "../../core/replay/new-run-state.ts";
import { RunReplay } from "../../core/replay/run-replay.ts";
import type { ReplayTask, TaskOutcome } from "../../core/replay/task.ts";
import type { Clock } from "../../core/time/clock.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { defaultFailureConverter } from "../../payload/failure-converter.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { WorkflowProcessorHost } from "./workflow-processor.ts";
import type { WorkflowCode, WorkflowRunner } from "./workflow-runner.ts";

/** Share of a workflow task's timeout after which it is answered although local activities still run. */
const HEARTBEAT_SHARE = 0.8;

/**
 * Estimates of memory, a little above what was measured in the heap of a workflow thread on Node 20: 33 KB for a waiting run
 * of a small workflow, and 4.8 bytes for each byte that 40 signals had put into its history. What code holds that is not in
 * its history, nobody sees from here.
 */
const RUN_BYTES = 36_864;
const BYTES_PER_HISTORY_BYTE = 5;

/** Pages without events in a row after which history is taken to be broken. */
const EMPTY_PAGES_MAX = 10;

/** A page of history. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly nextPageToken: Uint8Array;
}

/** One task for a {@link HeldRun}. */
export interface HeldTask {
  readonly replay: ReplayTask;
  readonly nextPageToken: Uint8Array;
  /** Fetches a page; an empty token asks for the first. */
  fetchPage(pageToken: Uint8Array): Promise<HistoryPage>;
}

/** What a {@link HeldRun} is made of. */
export interface HeldRunOptions {
  readonly identity: RunReplayOptions;
  readonly runner: WorkflowRunner;
  readonly host: WorkflowProcessorHost;
  readonly clock: Clock;
}

/** What comes of a task that a run is done with. */
export type FinalOutcome = Exclude<TaskOutcome, { kind: "waiting" }>;

/** A run in memory: its replay state, its code, and the local activities it has under way. */
export class HeldRun {
  readonly #options: HeldRunOptions;
  readonly #replay: RunReplay;
  #code: WorkflowCode | undefined;
  #details: InitializeWorkflow | undefined;
  #wake: (() => void) | undefined;
  #isDropped = false;
  #lastActivation: Activation | undefined;
  #bytes = RUN_BYTES;
  #replayMs: number | undefined;
  #taskCount = 0;
  #localActivities = 0;
  #localActivityError: unknown;
  #busy: Promise<void> | undefined;

  constructor(options: HeldRunOptions) {
    this.#options = options;
    this.#replay = new RunReplay(options.identity);
  }

  /** Tasks that were given to the run so far. */
  get taskCount(): number {
    return this.#taskCount;
  }

  /** A task is in progress. */
  get isBusy(): boolean {
    return this.#busy !== undefined;
  }

  /** Resolves when the task in progress is done. */
  get idle(): Promise<void> | undefined {
    return this.#busy;
  }

  /** Local activities of the run are under way. */
  get hasLocalActivities(): boolean {
    return this.#localActivities > 0;
  }

  /** About how much memory the run takes: a realm's share, and what its history has made of it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes so many bytes of history; answers by how much {@link bytes} grew. */
  grow(historyBytes: number): number {
    const grownBytes = historyBytes * BYTES_PER_HISTORY_BYTE;
    this.#bytes += grownBytes;
    return grownBytes;
  }

  /** Nothing of the run was seen yet. */
  get isNew(): boolean {
    return this.#replay.lastEventId === 0;
  }

  /** The code has ended the workflow. */
  get isFinished(): boolean {
    return this.#replay.isFinished;
  }

  /** How long the last task took to replay what had happened before; absent if it did not have to. */
  get replayMs(): number | undefined {
    return this.#replayMs;
  }

  /** When the run's first attempt or its chain began, once that is known; milliseconds since the epoch. */
  get startTimeMs(): number | undefined {
    return this.#details?.startTimeMs;
  }

  get workflowType(): string {
    return this.#details?.workflowType ?? "";
  }

  /** Processes one task after the other; ask {@link idle} first. Rejects if history cannot be fetched. */
  async process(task: HeldTask): Promise<FinalOutcome> {
    this.#taskCount += 1;
    let finish: (() => void) | undefined;
    this.#busy = new Promise<void>((resolve) => {
      finish = resolve;
    });
    try {
      return await this.#process(task);
    } finally {
      this.#busy = undefined;
      finish?.();
    }
  }

  /** Where the code waits, a stack for each thing; empty if there is no code that can be asked. */
  async stackTrace(): Promise<string> {
    if (this.#code === undefined || this.#lastActivation === undefined) return "";
    const query = { queryId: "stack", queryType: "__stack_trace", args: [], headers: {} } as const;
    const completion = await this.#code.activate({
      ...this.#lastActivation,
      jobs: [{ kind: "queryWorkflow", ...query }],
    });
    if (completion.status === "failed") return "";
    for (const command of completion.commands) {
      if (command.kind !== "respondToQuery" || command.result.status !== "succeeded") continue;
      const { response } = command.result;
      return response === undefined ? "" : String(defaultPayloadConverter.fromPayload(response));
    }
    return "";
  }

  /** The service took back the task answered last. */
  resetTo(eventId: number): void {
    this.#replay.discardSpeculativeTask(eventId);
  }

  /** Lets go of the code; no more tasks may come. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#code?.dispose();
    if (this.#localActivities > 0) this.#options.host.cancelLocalActivities(this.#options.identity.runId);
  }

  async #process(task: HeldTask): Promise<FinalOutcome> {
    const { clock } = this.#options;
    const startMs = clock.now();
    const replay = this.#replay;
    replay.feed(task.replay);
    this.#replayMs = undefined;
    let hasReplayed = false;
    let pageToken = task.nextPageToken;
    let emptyPages = 0;
    for (;;) {
      const { missing } = replay;
      if (missing !== undefined) {
        const page = await task.fetchPage(missing === "fromStart" ? new Uint8Array() : pageToken);
        pageToken = page.nextPageToken;
        emptyPages = page.events.length === 0 ? emptyPages + 1 : 0;
        if (emptyPages > EMPTY_PAGES_MAX)
          throw new Error(`Cannot fetch history: ${emptyPages} pages in a row are empty`);
        replay.addPage(page.events, pageToken.length > 0);
        continue;
      }
      const activation = replay.nextActivation();
      if (activation !== undefined) {
        if (activation.isReplaying) hasReplayed = true;
        else if (hasReplayed) this.#replayMs ??= clock.now() - startMs;
        const completion = this.#activate(activation);
        replay.complete(completion instanceof Promise ? await completion : completion);
        continue;
      }
      if (replay.missing !== undefined) continue;
      const outcome = replay.takeOutcome();
      if (outcome === undefined)
        throw new Error("Cannot answer workflow task: replay has neither an activation nor an outcome");
      if (outcome.kind !== "waiting") {
        if (outcome.kind === "failed") return this.#withPlace(outcome);
        if (outcome.kind === "completed") this.#startLocalActivities(outcome.localActivities);
        return outcome;
      }
      // A replay ends where history ends, whatever the code was waiting for.
      if (task.replay.isReplayOnly === true) return { kind: "nothing" };
      this.#startLocalActivities(outcome.localActivities);
      await this.#waitForLocalActivity(startMs);
      // Whoever gets the task next runs the activity again.
      if (this.#localActivityError !== undefined) throw this.#localActivityError;
    }
  }

  /** Says of nondeterminism where the user's code differs from history. */
  #withPlace(outcome: Extract<FinalOutcome, { kind: "failed" }>): FinalOutcome {
    const { error, failure } = outcome;
    if (!(error instanceof NondeterminismError)) return outcome;
    const place = this.#code?.placeOf?.(error.details?.command);
    if (place === undefined) return outcome;
    return { ...outcome, failure: { ...failure, message: `${failure.message}, at ${place}` } };
  }

  #activate(activation: Activation): ActivationCompletion | Promise<ActivationCompletion> {
    this.#lastActivation = activation;
    try {
      const code = (this.#code ??= this.#createCode(activation));
      return code.activate(activation);
    } catch (error) {
      return toFailedCompletion(error);
    }
  }

  #createCode(activation: Activation): WorkflowCode {
    for (const job of activation.jobs) {
      if (job.kind !== "initializeWorkflow") continue;
      this.#details = job.details;
      return this.#options.runner.create(job.details);
    }
    throw new Error("Cannot instantiate workflow: its first activation does not initialize it");
  }

  #startLocalActivities({ start, cancel }: LocalActivityWork): void {
    const { host, identity } = this.#options;
    const { namespace, workflowId, runId } = identity;
    const workflow = { namespace, workflowId, runId, workflowType: this.#details?.workflowType ?? "" };
    for (const seq of cancel) host.cancelLocalActivity(runId, seq);
    for (const request of start) {
      this.#localActivities++;
      const taken = host.runLocalActivity(workflow, request).then(
        (result) => {
          if (!this.#isDropped) this.#replay.resolveLocalActivity(result);
        },
        (error: unknown) => {
          this.#localActivityError = error;
        },
      );
      void taken.then(() => {
        this.#localActivities--;
        this.#wake?.();
      });
    }
  }

  /** Waits for a result, but no longer than the task may be held. */
  #waitForLocalActivity(startMs: number): Promise<void> {
    const { clock } = this.#options;
    const heartbeatMs = startMs + (this.#details?.taskTimeoutMs ?? 0) * HEARTBEAT_SHARE;
    return new Promise((resolve) => {
      const cancelTimer = clock.schedule(heartbeatMs, () => {
        this.#replay.heartbeat();
        this.#wake = undefined;
        resolve();
      });
      this.#wake = () => {
        cancelTimer();
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

function toFailedCompletion(error: unknown): ActivationCompletion {
  const failure = defaultFailureConverter.toFailure(error, defaultPayloadConverter);
  return { status: "failed", failure, cause: WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE };
}
