import { WorkflowExecutionStatus } from "../../src/proto/gen/enums.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import { Request } from "../../src/proto/gen/update.ts";
import {
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
} from "../../src/proto/gen/workflowservice.ts";
import type { Effect, ExecutionRequest, StartedWorkflowTask } from "../../src/core/execution/contract.ts";
import { nextDeadlineMs } from "../../src/core/execution/deadline.ts";
import { ExecutionError } from "../../src/core/execution/execution-error.ts";
import { ScriptedRun } from "../../src/core/execution/scripted-run.test-support.ts";
import type { Activation, ActivationCompletion } from "../../src/core/replay/activation.ts";
import { newFailure } from "../../src/core/replay/failures.ts";
import type { LocalActivityResult } from "../../src/core/replay/local-activity-queue.ts";
import { RunReplay } from "../../src/core/replay/run-replay.ts";
import { type TaskOutcome, toReplayTask } from "../../src/core/replay/task.ts";
import { Dice } from "./dice.ts";
import { RandomProgram } from "./random-program.ts";

type Remote = Extract<Effect, { kind: "startChild" | "signalExternal" | "cancelExternal" }>;
type Completed = Extract<TaskOutcome, { kind: "completed" }>;

/** Code of a run, which says all that it was told and did. */
export interface Program {
  readonly log: readonly string[];
  activate(activation: Activation): ActivationCompletion;
}

/** A worker's hold of the run: as good as the history that it has seen, or gone. */
interface Held {
  readonly run: RunReplay;
  readonly program: Program;
  /** Local activities that this worker runs. */
  readonly running: Set<number>;
}

function newReplay(): RunReplay {
  return new RunReplay({
    namespace: "default",
    workflowId: "wf",
    runId: "run-1",
    taskQueue: "tq",
    sdk: { name: "test", version: "1" },
  });
}

/** A run on the server's half of the protocol and a worker on the other, and dice that say what happens next. */
export class RandomWorld {
  readonly server = new ScriptedRun();
  readonly #createProgram: () => Program;
  readonly #dice: Dice;
  #held: Held | undefined;
  /** Started and not yet answered. */
  #task: StartedWorkflowTask | undefined;
  readonly #remote: Remote[] = [];
  readonly #children = new Map<number, string>();
  #updates = 0;

  constructor(seed: number, createProgram: () => Program = () => new RandomProgram(seed)) {
    this.#createProgram = createProgram;
    this.#dice = new Dice(seed ^ 0x5eed);
    this.#do({ kind: "tick" });
    this.server.start();
  }

  get events(): readonly HistoryEvent[] {
    return this.server.events;
  }

  get isOpen(): boolean {
    return this.server.state.status === WorkflowExecutionStatus.RUNNING;
  }

  /** What the code was told, if a worker holds the run. */
  get log(): readonly string[] | undefined {
    return this.#held?.program.log;
  }

  /** Replays all of the history with fresh code, and answers what that was told and did. */
  replay(): readonly string[] {
    const run = newReplay();
    const program = this.#createProgram();
    run.feed(toReplayTask(this.events));
    for (let activation = run.nextActivation(); activation !== undefined; activation = run.nextActivation())
      run.complete(program.activate(activation));
    const outcome = run.takeOutcome();
    if (outcome?.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
    return program.log;
  }

  move(): void {
    const task = this.server.state.workflowTask;
    if (task?.phase === "scheduled" && !this.#dice.oneIn(3)) return this.#work();
    switch (this.#dice.roll(12)) {
      case 0:
        return void this.#do({ kind: "signal", request: { signalName: `s${this.#dice.roll(5)}` } as never });
      case 1:
        return this.#dice.oneIn(4)
          ? void this.#do({ kind: "requestCancel", requestId: "c", reason: "why", identity: "client" })
          : this.#advance();
      case 2:
        return void this.#do({
          kind: "admitUpdate",
          request: Request.create({
            meta: { updateId: String(++this.#updates), identity: "client" },
            input: { name: "add" },
          }),
        });
      case 3:
      case 4:
        return this.#advance();
      case 5:
      case 6:
        return this.#remote.length > 0 ? this.#resolveRemote() : this.#moveActivity();
      case 7:
        if (this.#dice.oneIn(25))
          return void this.#do({ kind: "terminate", reason: "why", identity: "client", links: [] });
        return this.#closeChild();
      case 8:
        return this.#dice.oneIn(3) ? this.#drop() : this.#resolveBetweenTasks();
      default:
        return this.#moveActivity();
    }
  }

  #do(request: ExecutionRequest): boolean {
    try {
      this.server.do(request);
    } catch (error) {
      if (error instanceof ExecutionError) return false;
      throw error;
    }
    for (const effect of this.server.effects)
      if (effect.kind === "startChild" || effect.kind === "signalExternal" || effect.kind === "cancelExternal")
        this.#remote.push(effect);
    return true;
  }

  #drop(): void {
    this.#held = undefined;
  }

  #advance(): void {
    const deadlineMs = nextDeadlineMs(this.server.state);
    this.server.nowMs = Math.max(
      this.server.nowMs + 10,
      deadlineMs === undefined || this.#dice.oneIn(3) ? 0 : deadlineMs,
    );
    this.#do({ kind: "tick" });
  }

  #work(): void {
    this.server.nowMs += 10;
    const { sticky } = this.server.state;
    try {
      this.#task = this.server.poll({ sticky: sticky !== undefined });
    } catch {
      return;
    }
    // A lost answer, a worker that dies, a task that fails.
    if (this.#dice.oneIn(12)) {
      this.#drop();
      if (this.#dice.oneIn(2))
        this.#do({
          kind: "failWorkflowTask",
          token: this.#task.token,
          request: RespondWorkflowTaskFailedRequest.create({ cause: 24 }),
        });
      return;
    }
    this.#carryOut(this.#task);
  }

  #carryOut(task: StartedWorkflowTask): void {
    const held = this.#held ?? { run: newReplay(), program: this.#createProgram(), running: new Set<number>() };
    this.#held = held;
    const all = [...this.events, ...task.transientEvents.map(({ event }) => event)];
    const isPartial = this.#dice.oneIn(2);
    held.run.feed({
      events: isPartial ? all.filter(({ eventId }) => eventId > task.previousStartedEventId) : all,
      previousStartedEventId: task.previousStartedEventId,
      startedEventId: task.startedEventId,
      messages: task.messages,
      queries: this.#dice.oneIn(5) ? { q: { queryType: "state", queryArgs: undefined, header: undefined } } : {},
    });
    const outcome = this.#drive(held);
    if (outcome === undefined) return this.#drop();
    this.#answer(task, held, outcome);
  }

  #drive({ run, program, running }: Held): Completed | undefined {
    for (;;) {
      if (run.missing !== undefined) {
        run.addPage(this.events, false);
        continue;
      }
      const activation = run.nextActivation();
      if (activation !== undefined) {
        run.complete(program.activate(activation));
        continue;
      }
      const outcome = run.takeOutcome();
      if (outcome === undefined) throw new Error("neither activation nor outcome");
      if (outcome.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
      if (outcome.kind === "completed" || outcome.kind === "waiting")
        for (const { seq } of outcome.localActivities.start) running.add(seq);
      if (outcome.kind === "completed") return outcome;
      if (outcome.kind !== "waiting") throw new Error(`outcome ${outcome.kind}`);
      if (this.#dice.oneIn(15)) return undefined;
      if (this.#dice.oneIn(4)) run.heartbeat();
      else this.#resolveLocal(run, running);
    }
  }

  #resolveLocal(run: RunReplay, running: Set<number>): void {
    const seq = this.#dice.pick([...running]);
    running.delete(seq);
    const outcome: LocalActivityResult["outcome"] = this.#dice.oneIn(3)
      ? { status: "failed", failure: newFailure("boom") }
      : { status: "completed" };
    run.resolveLocalActivity({
      seq,
      outcome,
      attempt: 1,
      runtimeMs: this.#dice.roll(100),
      originalScheduleTimeMs: this.server.nowMs,
    });
  }

  #resolveBetweenTasks(): void {
    if (this.#held !== undefined && this.#held.running.size > 0) this.#resolveLocal(this.#held.run, this.#held.running);
  }

  #answer(task: StartedWorkflowTask, held: Held, { commands, messages, sdkMetadata, forceNewTask }: Completed): void {
    const request = RespondWorkflowTaskCompletedRequest.create({
      identity: "worker",
      commands,
      messages,
      sdkMetadata,
      forceCreateNewWorkflowTask: forceNewTask,
      ...(this.#dice.oneIn(3)
        ? {}
        : { stickyAttributes: { workerTaskQueue: { name: "sticky" }, scheduleToStartTimeout: { seconds: 5 } } }),
    });
    // News may come while the worker is at it.
    if (this.#dice.oneIn(4)) this.#do({ kind: "signal", request: { signalName: "late" } as never });
    let reply;
    try {
      reply = this.server.do({ kind: "completeWorkflowTask", token: task.token, request });
    } catch (error) {
      if (!(error instanceof ExecutionError)) throw error;
      return this.#drop();
    }
    for (const effect of this.server.effects)
      if (effect.kind === "startChild" || effect.kind === "signalExternal" || effect.kind === "cancelExternal")
        this.#remote.push(effect);
    if (reply.error !== undefined) return this.#drop();
    if (reply.resetHistoryEventId !== undefined && reply.resetHistoryEventId > 0)
      held.run.discardSpeculativeTask(reply.resetHistoryEventId);
  }

  #moveActivity(): void {
    const { activities } = this.server.state;
    if (activities.size === 0) return this.#advance();
    const activity = this.#dice.pick([...activities.values()]);
    const { scheduledEventId, attempt, stamp } = activity;
    if (this.#dice.oneIn(2))
      return void this.#do({
        kind: "startActivityTask",
        scheduledEventId,
        attempt,
        stamp,
        identity: "w",
        requestId: this.server.newId(),
      });
    const target = { by: "id", activityId: activity.activityId } as const;
    switch (this.#dice.roll(3)) {
      case 0:
        return void this.#do({ kind: "completeActivity", activity: target, identity: "w" });
      case 1:
        return void this.#do({
          kind: "failActivity",
          activity: target,
          failure: newFailure("boom", {
            case: "applicationFailureInfo",
            value: { type: "", nonRetryable: true, details: undefined, nextRetryDelay: undefined, category: 0 },
          }),
          identity: "w",
        });
      default:
        return void this.#do({ kind: "cancelActivity", activity: target, identity: "w" });
    }
  }

  #resolveRemote(): void {
    const [effect] = this.#remote.splice(this.#dice.roll(this.#remote.length), 1);
    if (effect === undefined) return;
    const { initiatedEventId } = effect;
    const fails = this.#dice.oneIn(3);
    switch (effect.kind) {
      case "startChild":
        if (fails) return void this.#do({ kind: "childStartFailed", initiatedEventId, cause: 1 });
        this.#children.set(initiatedEventId, `child-run-${initiatedEventId}`);
        return void this.#do({ kind: "childStarted", initiatedEventId, runId: `child-run-${initiatedEventId}` });
      case "signalExternal":
        return void this.#do({
          kind: "externalSignalResolved",
          initiatedEventId,
          ...(fails ? { failedCause: 1 } : {}),
        });
      case "cancelExternal":
        return void this.#do({
          kind: "externalCancelResolved",
          initiatedEventId,
          ...(fails ? { failedCause: 1 } : {}),
        });
    }
  }

  #closeChild(): void {
    if (this.#children.size === 0) return this.#advance();
    const [initiatedEventId, runId] = this.#dice.pick([...this.#children]);
    this.#children.delete(initiatedEventId);
    const status = this.#dice.pick([
      WorkflowExecutionStatus.COMPLETED,
      WorkflowExecutionStatus.FAILED,
      WorkflowExecutionStatus.CANCELED,
      WorkflowExecutionStatus.TERMINATED,
      WorkflowExecutionStatus.TIMED_OUT,
    ]);
    this.#do({
      kind: "childClosed",
      initiatedEventId,
      runId,
      close: {
        status,
        retryState: 0,
        ...(status === WorkflowExecutionStatus.FAILED ? { failure: newFailure("boom") } : {}),
      },
    });
  }
}
