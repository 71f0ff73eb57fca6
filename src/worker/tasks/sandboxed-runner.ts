import type {
  Activation,
  ActivationCompletion,
  InitializeWorkflow,
  IssuedCommand,
  WorkflowInstance,
} from "../../core/replay/activation.ts";
import type { LogAttributes, LogLevel } from "../../core/telemetry/logger.ts";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { WorkflowHost } from "../../workflow/host.ts";
import type { Realm } from "../sandbox/realm.ts";
import { realmOfWorker } from "../sandbox/realm-source.ts";
import type { WorkflowBundle } from "../sandbox/workflow-bundle.ts";
import type { WorkflowCode, WorkflowRunner } from "./workflow-runner.ts";

/** Where workflow code is found, as plain data. */
export interface SandboxedWorkflows {
  readonly bundle: WorkflowBundle;
  /** Keys of the bundle's modules by the workflow types that they define. */
  readonly modules: Readonly<Record<string, string>>;
  /** Key of the module of the workflow that gets every type that no other has. */
  readonly dynamicModule?: string | undefined;
}

/** What a worker says of all its workflows, as plain data. */
export interface WorkflowSettings {
  /** Names of error classes that fail the workflow instead of its task. */
  readonly failureExceptionTypes: readonly string[];
  /** Whether activities may be asked for together with a task's completion. */
  readonly eagerActivities: boolean;
  /** Types of local activities that this worker can run. @default any */
  readonly localActivityTypes?: readonly string[] | undefined;
  /** Ids of patches that new code paths wait for. @default none */
  readonly heldBackPatches?: readonly string[];
}

/** What a runtime asks before a patch takes effect; `undefined` if all do. */
export function toPatchActivation({ heldBackPatches = [] }: WorkflowSettings): ((id: string) => boolean) | undefined {
  if (heldBackPatches.length === 0) return undefined;
  const held = new Set(heldBackPatches);
  return (id) => !held.has(id);
}

/** What a {@link SandboxedRunner} works with. */
export interface SandboxedRunnerOptions extends SandboxedWorkflows, WorkflowSettings {
  /** Runs code of a run where something watches over how long it takes. */
  readonly guard: <T>(runId: string, code: () => T) => T;
  readonly callSink?: WorkflowHost["callSink"];
  readonly log: (level: LogLevel, message: string, attributes: LogAttributes) => void;
  readonly metricMeter?: MetricMeter | undefined;
  /** Tells what a run costs. @default the host's, in fractions of a millisecond */
  readonly nowMs?: () => number;
}

/** Runs workflow code in a realm of this thread, which is opened with the first run. */
export class SandboxedRunner implements WorkflowRunner {
  readonly #options: SandboxedRunnerOptions;
  #realm: Realm | undefined;
  readonly #nowMs: () => number;
  readonly #weights = new Map<string, { runs: number; leastMs: number }>();
  #hasWarned = false;
  #patchActivation: ((id: string) => boolean) | undefined;

  constructor(options: SandboxedRunnerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Opens the realm ahead of the first run. */
  open(): void {
    this.#realm ??= realmOfWorker(this.#options.bundle);
  }

  create(details: InitializeWorkflow): WorkflowCode {
    const { bundle, modules, dynamicModule, guard, log, callSink, metricMeter } = this.#options;
    const { failureExceptionTypes, eagerActivities, localActivityTypes } = this.#options;
    const { workflowType, runId } = details;
    const moduleKey = Object.hasOwn(modules, workflowType) ? modules[workflowType] : dynamicModule;
    if (moduleKey === undefined) {
      const names = Object.keys(modules).toSorted().join(", ");
      throw new ApplicationError(
        `Workflow class ${workflowType} is not registered on this worker, available workflows: ${names}`,
        { type: "NotFoundError" },
      );
    }
    const realm = (this.#realm ??= realmOfWorker(bundle));
    const patchActivation = (this.#patchActivation ??= toPatchActivation(this.#options));
    const settings = { failureExceptionTypes, eagerActivities, localActivityTypes, patchActivation };
    const request = { bundle, moduleKey, workflowType, details, log, callSink, metricMeter, ...settings };
    const startedMs = this.#nowMs();
    const instance = guard(runId, () => realm.instantiate(request));
    this.#weigh(moduleKey, this.#nowMs() - startedMs);
    return new SandboxedCode(realm, instance, (code) => guard(runId, code));
  }

  /** Warns once of packages that make every run of a module slow to start. */
  #weigh(moduleKey: string, costMs: number): void {
    const { bundle, log } = this.#options;
    const [heaviest] = bundle.packages ?? [];
    if (heaviest === undefined) return;
    const weight = this.#weights.get(moduleKey) ?? { runs: 0, leastMs: Number.POSITIVE_INFINITY };
    this.#weights.set(moduleKey, weight);
    weight.runs += 1;
    if (weight.runs > RUNS_WEIGHED) return;
    weight.leastMs = Math.min(weight.leastMs, costMs);
    if (weight.runs < RUNS_WEIGHED || weight.leastMs <= RUN_COST_MS_MAX || this.#hasWarned) return;
    this.#hasWarned = true;
    const file = bundle.modules.find(({ key }) => key === moduleKey)?.file ?? moduleKey;
    const packages = bundle.packages?.map(({ name, bytes }) => `"${name}" (${Math.ceil(bytes / 1024)} kB)`).join(", ");
    log(
      "warn",
      `Every run of workflow module "${file}" takes ${weight.leastMs.toFixed(1)} ms to evaluate it with its packages ${packages}: share those that keep no state between runs, such as workflowRunner: { kind: "sandboxed", passthroughModules: ["${heaviest.name}"] }`,
      {},
    );
  }
}

/** Runs after which the quickest tells what instantiation costs; the first ones run code that is not compiled yet. */
const RUNS_WEIGHED = 10;
const RUN_COST_MS_MAX = 1;

class SandboxedCode implements WorkflowCode {
  readonly #realm: Realm;
  readonly #guard: <T>(code: () => T) => T;
  #instance: WorkflowInstance | undefined;

  constructor(realm: Realm, instance: WorkflowInstance, guard: <T>(code: () => T) => T) {
    this.#realm = realm;
    this.#instance = instance;
    this.#guard = guard;
  }

  activate(activation: Activation): ActivationCompletion {
    const instance = this.#instance;
    if (instance === undefined) throw new Error("Cannot activate workflow: its code was let go of");
    const realm = this.#realm;
    return this.#guard(() => {
      instance.begin(activation);
      do realm.drain();
      while (instance.advance());
      return instance.finish();
    });
  }

  placeOf(command: IssuedCommand | undefined): string | undefined {
    return this.#instance?.placeOf?.(command);
  }

  dispose(): void {
    this.#instance = undefined;
  }
}
