import type { ActivationJob } from "../../core/replay/activation.ts";
import { CancelledError } from "../../payload/failure-error.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import { fromFailure, workflowContext } from "./failures.ts";
import type { PendingRequest } from "./pending.ts";
import { applyQuery } from "./queries.ts";
import type { Run } from "./run.ts";
import { applySignal } from "./signals.ts";
import { startRunMethod } from "./top-level.ts";
import { applyUpdate } from "./updates.ts";

/** Jobs that are applied together; the workflow's code runs dry before the next ones. */
export interface JobStage {
  readonly kind: (typeof stageKinds)[number];
  readonly jobs: readonly ActivationJob[];
}

const stageKinds = ["facts", "messages", "events", "queries"] as const;

/**
 * The stages of an activation: what the code may ask about, signals and updates, whatever else happened, queries.
 *
 * Signals come first, so that a wait that a signal ends is over before a timeout of the same workflow task is told.
 */
export function splitJobs(jobs: readonly ActivationJob[]): JobStage[] {
  return stageKinds
    .map((kind) => ({ kind, jobs: jobs.filter((job) => stageOf(job) === kind) }))
    .filter((stage) => stage.jobs.length > 0);
}

function stageOf(job: ActivationJob): JobStage["kind"] {
  switch (job.kind) {
    case "notifyHasPatch":
    case "updateRandomSeed":
      return "facts";
    case "signalWorkflow":
    case "doUpdate":
      return "messages";
    case "queryWorkflow":
      return "queries";
    case "initializeWorkflow":
    case "fireTimer":
    case "resolveActivity":
    case "resolveChildWorkflowStart":
    case "resolveChildWorkflow":
    case "resolveSignalExternal":
    case "resolveCancelExternal":
    case "resolveNexusOperationStart":
    case "resolveNexusOperation":
    case "cancelWorkflow":
      return "events";
  }
}

/** Tells the workflow what has happened. */
export function applyJob(run: Run, job: ActivationJob): void {
  switch (job.kind) {
    case "initializeWorkflow":
      return startRunMethod(run);
    case "notifyHasPatch":
      run.knownPatches = [...run.knownPatches, job.patchId];
      return undefined;
    case "updateRandomSeed":
      run.reseed(job.seed);
      for (const listener of run.seedListeners) listener(job.seed);
      return undefined;
    case "fireTimer":
      // It may have been stopped by what came before it in this activation.
      return run.timers.take(job.seq)?.fire();
    case "resolveActivity":
      return found(run.activities.take(job.seq), job).resolve(job.result);
    case "resolveChildWorkflowStart": {
      const child = found(run.children.get(job.seq), job);
      if (job.result.status !== "started") run.children.take(job.seq);
      return child.resolveStart(job.result);
    }
    case "resolveChildWorkflow":
      return found(run.children.take(job.seq), job).resolve(job.result);
    case "resolveSignalExternal":
      return settleRequest(run, found(run.externalSignals.take(job.seq), job), job);
    case "resolveCancelExternal":
      return settleRequest(run, found(run.externalCancels.take(job.seq), job), job);
    case "resolveNexusOperationStart": {
      const operation = found(run.nexusOperations.get(job.seq), job);
      if (job.result.status === "failed") run.nexusOperations.take(job.seq);
      return operation.resolveStart(job.result);
    }
    case "resolveNexusOperation":
      // It may have ended for the workflow when its cancellation was requested.
      return run.nexusOperations.take(job.seq)?.resolve(job.result);
    case "cancelWorkflow":
      run.cancelReason = job.reason;
      return run.rootFrame.scope.cancel(new CancelledError("Workflow cancelled"));
    case "signalWorkflow":
      return applySignal(run, job);
    case "doUpdate":
      return applyUpdate(run, job.update);
    case "queryWorkflow":
      return applyQuery(run, job);
  }
}

type NumberedJob = Extract<ActivationJob, { seq: number }>;

function found<T>(pending: T | undefined, job: NumberedJob): T {
  if (pending === undefined)
    throw new WorkflowUsageError(
      `Cannot apply job ${job.kind} ${job.seq}: the workflow has nothing under way by that number`,
    );
  return pending;
}

function settleRequest(
  run: Run,
  request: PendingRequest,
  { failure }: Extract<ActivationJob, { kind: "resolveSignalExternal" | "resolveCancelExternal" }>,
): void {
  if (failure === undefined) request.complete();
  else request.fail(fromFailure(run, failure, workflowContext(run)));
}
