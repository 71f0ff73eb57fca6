import type {
  Activation,
  ActivationCompletion,
  IssuedCommand,
  WorkflowInstance,
} from "../../core/replay/activation.ts";
import { toVersioningBehaviorCode } from "../../core/options/versioning.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { defaultFailureConverter } from "../../payload/failure-converter.ts";
import { CancellationScope } from "../cancellation-scope.ts";
import { inFrame, setCurrentRun } from "./current.ts";
import { toTaskFailure } from "./failures.ts";
import { warnOfUnfinished } from "./handlers.ts";
import { applyJob, type JobStage, splitJobs } from "./jobs.ts";
import { placeOf } from "./places.ts";
import { Run } from "./run.ts";
import type { RunSettings } from "./settings.ts";
import { instantiate, settleError } from "./top-level.ts";
import { refuseWaitingUpdates } from "./updates.ts";

/** What a run needs; what is left out has a usual value. */
export type InstanceOptions = Pick<RunSettings, "definition" | "host"> & Partial<RunSettings>;

/** Makes one run of a workflow, ready for its first activation. */
export function createInstance(options: InstanceOptions): WorkflowInstance {
  const settings: RunSettings = {
    payloadConverter: defaultPayloadConverter,
    failureConverter: defaultFailureConverter,
    interceptors: [],
    failureExceptionTypes: [],
    eagerActivities: true,
    localActivityTypes: undefined,
    patchActivation: undefined,
    ...options,
  };
  return new RunInstance(new Run(settings, new CancellationScope({ parent: null })));
}

/** Applies activations to a run. */
class RunInstance implements WorkflowInstance {
  readonly #run: Run;
  #stages: JobStage[] = [];
  #checksConditions = false;

  constructor(run: Run) {
    this.#run = run;
  }

  begin(activation: Activation): void {
    const { jobs, ...facts } = activation;
    const run = this.#run;
    run.open(facts);
    setCurrentRun(run);
    for (const job of jobs) {
      if (job.kind !== "initializeWorkflow") continue;
      run.details = job.details;
      run.randomSeed = job.details.randomSeed;
      run.memo = job.details.memo?.fields ?? {};
    }
    this.#stages = splitJobs(jobs);
    inFrame(run.rootFrame, () => this.#applyNextStage());
  }

  advance(): boolean {
    const run = this.#run;
    if (run.error !== undefined) return false;
    setCurrentRun(run);
    return inFrame(run.rootFrame, () => {
      if (this.#checksConditions && run.conditions.check()) return true;
      return this.#applyNextStage() || refuseWaitingUpdates(run);
    });
  }

  finish(): ActivationCompletion {
    const run = this.#run;
    this.#stages = [];
    try {
      if (run.error !== undefined) return toTaskFailure(run, run.error.value);
      if (run.hasEnded) warnOfUnfinished(run);
      const versioningBehavior = toVersioningBehaviorCode(run.versioningBehavior);
      return { status: "completed", commands: run.close(), usedFlags: [], versioningBehavior };
    } finally {
      run.close();
      setCurrentRun(undefined);
    }
  }

  placeOf(command: IssuedCommand | undefined): string | undefined {
    return placeOf(this.#run, command);
  }

  /** Tells the run what happened next; false if that was all. */
  #applyNextStage(): boolean {
    const run = this.#run;
    const stage = this.#stages.shift();
    if (stage === undefined) return false;
    this.#checksConditions = stage.kind === "messages" || stage.kind === "events";
    if (stage.kind === "queries") run.isReadOnly = run.isLiveCall = true;
    try {
      // After the facts, which its constructor may ask for, and before any handler.
      if (stage.kind !== "facts" && run.instance === undefined) {
        run.intercept();
        instantiate(run);
      }
      for (const job of stage.jobs) if (run.error === undefined) applyJob(run, job);
    } catch (error) {
      settleError(run, error);
    }
    return true;
  }
}
