import type {
  Activation,
  ActivationCompletion,
  ActivationJob,
  WorkflowCommand,
} from "../../src/core/replay/activation.ts";
import { newFailure } from "../../src/core/replay/failures.ts";
import { Dice } from "./dice.ts";

const activityCancellations = ["tryCancel", "waitCancellationCompleted", "abandon"] as const;
const childCancellations = ["tryCancel", "waitCancellationCompleted", "waitCancellationRequested", "abandon"] as const;

const cancellations = {
  timer: "cancelTimer",
  activity: "requestCancelActivity",
  local: "requestCancelLocalActivity",
  child: "cancelChildWorkflow",
  signal: "cancelSignalExternal",
} as const;

type Kind = "timer" | "activity" | "local" | "child" | "signal" | "cancel";

/**
 * Workflow code that does as its dice say, and rolls them only for what it is told: told the same in the same order, it
 * does the same. It stands in for a workflow instance.
 */
export class RandomProgram {
  /** All that it was told and that counts. */
  readonly log: string[] = [];
  readonly #dice: Dice;
  readonly #open: Record<Kind, Map<number, { canCancel: boolean }>> = {
    timer: new Map(),
    activity: new Map(),
    local: new Map(),
    child: new Map(),
    signal: new Map(),
    cancel: new Map(),
  };
  readonly #seqs: Record<Kind, number> = { timer: 0, activity: 0, local: 0, child: 0, signal: 0, cancel: 0 };
  /** Canceled in the activation at hand. */
  readonly #canceledTimers = new Set<number>();
  readonly #updates: string[] = [];
  readonly #notified = new Set<string>();
  readonly #patches = new Map<string, boolean>();
  #isReplaying = false;
  #timeMs = 0;
  #hasEnded = false;
  #steps = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  activate({ jobs, isReplaying, timestampMs }: Activation): ActivationCompletion {
    this.#isReplaying = isReplaying;
    this.#timeMs = timestampMs;
    this.#canceledTimers.clear();
    for (const job of jobs) if (job.kind === "notifyHasPatch") this.#notified.add(job.patchId);
    const commands = jobs.flatMap((job) => this.#take(job));
    return { status: "completed", commands, usedFlags: [], versioningBehavior: 0 };
  }

  #take(job: ActivationJob): WorkflowCommand[] {
    if (job.kind === "queryWorkflow")
      return [{ kind: "respondToQuery", queryId: job.queryId, result: { status: "succeeded" } }];
    if (job.kind === "notifyHasPatch") return [];
    if (job.kind === "doUpdate" && job.update.runValidator && Number(job.update.id) % 3 === 0)
      return [
        {
          kind: "updateResponse",
          protocolInstanceId: job.update.protocolInstanceId,
          response: { status: "rejected", failure: newFailure("no") },
        },
      ];
    this.log.push(`${this.#timeMs} ${this.#note(job)}`);
    if (this.#hasEnded) return job.kind === "doUpdate" ? [this.#accept(job.update.protocolInstanceId)] : [];
    const commands = job.kind === "doUpdate" ? [this.#accept(job.update.protocolInstanceId)] : [];
    const count = job.kind === "initializeWorkflow" ? 2 : this.#dice.roll(3);
    for (let at = 0; at < count && !this.#hasEnded; at++) commands.push(...this.#act());
    return commands;
  }

  /** Checks that it waits for what it is told of. */
  #note(job: ActivationJob): string {
    switch (job.kind) {
      case "fireTimer":
        // It may have fired together with what made the code cancel it.
        return this.#canceledTimers.delete(job.seq)
          ? `timer ${job.seq} fired too late`
          : this.#close("timer", job.seq, "fired");
      case "resolveActivity":
        return this.#close(job.isLocal ? "local" : "activity", job.seq, job.result.status);
      case "resolveChildWorkflowStart":
        if (job.result.status !== "started") return this.#close("child", job.seq, `start ${job.result.status}`);
        if (!this.#open.child.has(job.seq)) throw new Error(`told of child ${job.seq}, which is not open`);
        return `child ${job.seq} started`;
      case "resolveChildWorkflow":
        return this.#close("child", job.seq, job.result.status);
      case "resolveSignalExternal":
        return this.#close("signal", job.seq, job.failure?.message ?? "sent");
      case "resolveCancelExternal":
        return this.#close("cancel", job.seq, job.failure?.message ?? "sent");
      case "doUpdate":
        return `update ${job.update.id}`;
      case "signalWorkflow":
        return `signal ${job.signalName}`;
      default:
        return job.kind;
    }
  }

  #close(kind: Kind, seq: number, how: string): string {
    if (!this.#open[kind].delete(seq)) throw new Error(`told of ${kind} ${seq}, which is not open`);
    return `${kind} ${seq} ${how}`;
  }

  #accept(protocolInstanceId: string): WorkflowCommand {
    if (!this.#hasEnded) this.#updates.push(protocolInstanceId);
    return { kind: "updateResponse", protocolInstanceId, response: { status: "accepted" } };
  }

  #act(): WorkflowCommand[] {
    this.#steps++;
    if (this.#steps > 8 && this.#dice.oneIn(12)) {
      this.#hasEnded = true;
      return [
        this.#dice.oneIn(2) ? { kind: "completeWorkflow" } : { kind: "failWorkflow", failure: newFailure("enough") },
      ];
    }
    switch (this.#dice.roll(9)) {
      case 0:
        return [this.#cancelSomething()];
      case 1:
        return this.#completeUpdate();
      case 2:
        return this.#patch();
      case 3:
        return [
          {
            kind: "upsertSearchAttributes",
            searchAttributes: { Key: { metadata: {}, data: Uint8Array.of(1), externalPayloads: [] } },
          },
        ];
      default:
        return [this.#start()];
    }
  }

  #start(): WorkflowCommand {
    switch (this.#dice.roll(7)) {
      case 0:
      case 1: {
        const seq = this.#next("activity");
        const activity = {
          activityId: `a${seq}`,
          activityType: "act",
          arguments: [],
          headers: {},
          scheduleToCloseTimeoutMs: 60_000,
          cancellationType: this.#dice.pick(activityCancellations),
        };
        return {
          kind: "scheduleActivity",
          seq,
          activity,
          taskQueue: "tq",
          requestEagerExecution: false,
          useWorkflowBuildId: false,
        };
      }
      case 2:
      case 3: {
        const seq = this.#next("local");
        const activity = {
          activityId: `l${seq}`,
          activityType: "local",
          arguments: [],
          headers: {},
          startToCloseTimeoutMs: 1000,
          cancellationType: this.#dice.pick(activityCancellations),
        };
        return { kind: "scheduleLocalActivity", seq, activity, attempt: 1 };
      }
      case 4:
        return this.#startChild();
      case 5:
        if (this.#dice.oneIn(2))
          return {
            kind: "requestCancelExternal",
            seq: this.#next("cancel", false),
            namespace: "default",
            workflowId: "other",
            runId: "",
            reason: "why",
          };
        return {
          kind: "signalExternalWorkflow",
          seq: this.#next("signal"),
          target: { kind: "external", namespace: "default", workflowId: "other", runId: "" },
          signalName: "hello",
          args: [],
          headers: {},
        };
      default:
        return { kind: "startTimer", seq: this.#next("timer"), durationMs: 1000 + this.#dice.roll(20_000) };
    }
  }

  #startChild(): WorkflowCommand {
    const seq = this.#next("child");
    return {
      kind: "startChildWorkflow",
      seq,
      child: {
        namespace: "default",
        workflowId: `child-${seq}`,
        workflowType: "child",
        taskQueue: "tq",
        input: [],
        headers: {},
        parentClosePolicy: 1,
        workflowIdReusePolicy: 1,
        cronSchedule: "",
        memo: {},
        cancellationType: this.#dice.pick(childCancellations),
        inheritBuildId: false,
      },
    };
  }

  #next(kind: Kind, canCancel = true): number {
    const seq = ++this.#seqs[kind];
    this.#open[kind].set(seq, { canCancel });
    return seq;
  }

  /** Mostly something open that was not cancelled yet, now and then anything at all: that must be harmless. */
  #cancelSomething(): WorkflowCommand {
    const kinds = Object.keys(cancellations) as (keyof typeof cancellations)[];
    const anything = this.#dice.oneIn(4);
    const candidates = kinds
      .flatMap((kind) => Array.from({ length: this.#seqs[kind] }, (_, at) => ({ kind, seq: at + 1 })))
      .filter(({ kind, seq }) => anything || this.#open[kind].get(seq)?.canCancel === true);
    if (candidates.length === 0) return { kind: "startTimer", seq: this.#next("timer"), durationMs: 500 };
    const { kind, seq } = this.#dice.pick(candidates);
    if (this.#open[kind].has(seq)) this.#open[kind].set(seq, { canCancel: false });
    if (kind === "timer" && this.#open.timer.delete(seq)) this.#canceledTimers.add(seq);
    return { kind: cancellations[kind], seq, reason: "why" };
  }

  #completeUpdate(): WorkflowCommand[] {
    const protocolInstanceId = this.#updates.shift();
    if (protocolInstanceId === undefined) return [];
    return [
      {
        kind: "updateResponse",
        protocolInstanceId,
        response: this.#dice.oneIn(2) ? { status: "completed" } : { status: "failed", failure: newFailure("bad") },
      },
    ];
  }

  /** Goes one way where the patch is in force and another where not, as a workflow's runtime has it. */
  #patch(): WorkflowCommand[] {
    const patchId = `p${this.#dice.roll(3)}`;
    const isPatched = this.#patches.get(patchId) ?? (!this.#isReplaying || this.#notified.has(patchId));
    const isNew = !this.#patches.has(patchId);
    this.#patches.set(patchId, isPatched);
    if (!isPatched) return [{ kind: "startTimer", seq: this.#next("timer"), durationMs: 5 }];
    return isNew ? [{ kind: "setPatchMarker", patchId, deprecated: patchId === "p2" }] : [];
  }
}
