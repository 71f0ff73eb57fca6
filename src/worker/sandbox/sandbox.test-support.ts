import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type {
  Activation,
  ActivationCompletion,
  ActivationJob,
  InitializeWorkflow,
} from "../../core/replay/activation.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { bundleWorkflows, type BundleOptions } from "./bundle.ts";
import { Realm } from "./realm.ts";
import type { WorkflowBundle } from "./workflow-bundle.ts";

/** Files of a made-up project, by their paths. */
export type Files = Readonly<Record<string, string>>;

/** Writes files to a folder of their own, which is gone after the test. */
export function writeFiles(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "perdure-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text.replaceAll(/^ {6}/gm, ""));
  }
  return folder;
}

/** Bundles files of a made-up project; the module of the workflows is `workflows.ts` unless the options name others. */
export function bundleFiles(files: Files, options: Partial<BundleOptions> = {}): Promise<WorkflowBundle> {
  return bundleWorkflows({ modules: ["workflows.ts"], workingDirectory: writeFiles(files), ...options });
}

/** One run in a realm, driven by hand. */
export interface TrialRun {
  readonly lines: string[];
  /** Carries out jobs at a time. */
  activate(jobs: readonly ActivationJob[], timestampMs?: number): ActivationCompletion;
  /** As {@link activate}, for the end of the workflow: what it returned. */
  result(jobs: readonly ActivationJob[], timestampMs?: number): unknown;
}

const START_MS = Date.UTC(2024, 1, 29, 12, 30);

/** Starts runs of one bundle in one realm. */
export class Trial {
  readonly bundle: WorkflowBundle;
  readonly realm: Realm;
  #runs = 0;

  constructor(bundle: WorkflowBundle) {
    this.bundle = bundle;
    this.realm = new Realm(bundle);
  }

  static async of(files: Files, options: Partial<BundleOptions> = {}): Promise<Trial> {
    return new Trial(await bundleFiles(files, options));
  }

  /** Instantiates a workflow; `seed` is that of its random numbers. */
  instantiate(workflowType: string, seed = "7"): TrialRun {
    this.#runs += 1;
    const lines: string[] = [];
    const details = detailsOf(workflowType, `run-${this.#runs}`, seed, []);
    const { realm, bundle } = this;
    const moduleKey = bundle.modules.findLast(({ key }) => !bundle.interceptors.includes(key))?.key ?? "";
    const instance = realm.instantiate({
      bundle,
      moduleKey,
      workflowType,
      details,
      log: (level, message) => lines.push(`${level} ${message}`),
    });
    const activate = (jobs: readonly ActivationJob[], timestampMs = START_MS): ActivationCompletion => {
      instance.begin(activationOf(jobs, timestampMs));
      do realm.drain();
      while (instance.advance());
      return instance.finish();
    };
    const result = (jobs: readonly ActivationJob[], timestampMs?: number): unknown =>
      resultOf(activate(jobs, timestampMs));
    return { lines, activate, result };
  }

  /** Runs a workflow that does not wait, and gives what it returns. */
  run(workflowType: string, args: readonly unknown[] = [], seed = "7"): unknown {
    return this.instantiate(workflowType, seed).result([initialize(workflowType, args, seed)]);
  }

  /** As {@link run}, for a workflow whose task fails: the message of the failure. */
  failure(workflowType: string, args: readonly unknown[] = []): string {
    const completion = this.instantiate(workflowType).activate([initialize(workflowType, args)]);
    if (completion.status === "failed") return completion.failure.message;
    throw new Error(`Workflow "${workflowType}" did not fail its task: ${JSON.stringify(completion)}`);
  }
}

/** The job that starts a workflow. */
export function initialize(workflowType: string, args: readonly unknown[] = [], seed = "7"): ActivationJob {
  return { kind: "initializeWorkflow", details: detailsOf(workflowType, "run", seed, args) };
}

/** What a completion says the workflow returned. */
export function resultOf(completion: ActivationCompletion): unknown {
  const command = completion.status === "completed" ? completion.commands.at(-1) : undefined;
  if (command?.kind !== "completeWorkflow") throw new Error(`Workflow did not complete: ${JSON.stringify(completion)}`);
  return command.result === undefined ? undefined : defaultPayloadConverter.fromPayload(command.result);
}

const FACTS: Omit<Activation, "jobs" | "timestampMs"> = {
  isReplaying: false,
  historyLength: 3,
  historySizeBytes: 0,
  continueAsNewSuggested: false,
  suggestContinueAsNewReasons: [],
  targetWorkerDeploymentVersionChanged: false,
};

/** An activation outside of replay. */
export function activationOf(jobs: readonly ActivationJob[], timestampMs = START_MS): Activation {
  return { ...FACTS, timestampMs, jobs };
}

/** What is known of a run that starts. */
export function detailsOf(
  workflowType: string,
  runId: string,
  randomSeed: string,
  args: readonly unknown[],
): InitializeWorkflow {
  return {
    workflowId: "workflow",
    runId,
    firstExecutionRunId: runId,
    namespace: "default",
    taskQueue: "queue",
    workflowType,
    arguments: defaultPayloadConverter.toPayloads(args),
    headers: {},
    randomSeed,
    identity: "",
    attempt: 1,
    startTimeMs: START_MS,
    workflowStartTimeMs: START_MS,
    taskTimeoutMs: 10_000,
    continuedFromRunId: "",
    continuedInitiator: 0,
    lastCompletionResult: [],
    cronSchedule: "",
  };
}
