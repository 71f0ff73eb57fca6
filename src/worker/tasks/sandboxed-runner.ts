import type {
  Activation,
  ActivationCompletion,
  InitializeWorkflow,
  WorkflowInstance,
} from "../../core/replay/activation.ts";
import type { LogAttributes, LogLevel } from "../../core/telemetry/logger.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { WorkflowHost } from "../../workflow/host.ts";
import { Realm } from "../sandbox/realm.ts";
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
}

/** What a {@link SandboxedRunner} works with. */
export interface SandboxedRunnerOptions extends SandboxedWorkflows, WorkflowSettings {
  /** Runs code of a run where something watches over how long it takes. */
  readonly guard: <T>(runId: string, code: () => T) => T;
  readonly callSink?: WorkflowHost["callSink"];
  readonly log: (level: LogLevel, message: string, attributes: LogAttributes) => void;
}

/** Runs workflow code in a realm of this thread, which is opened with the first run. */
export class SandboxedRunner implements WorkflowRunner {
  readonly #options: SandboxedRunnerOptions;
  #realm: Realm | undefined;

  constructor(options: SandboxedRunnerOptions) {
    this.#options = options;
  }

  /** Opens the realm ahead of the first run. */
  open(): void {
    this.#realm ??= new Realm(this.#options.bundle);
  }

  create(details: InitializeWorkflow): WorkflowCode {
    const { bundle, modules, dynamicModule, guard, ...parts } = this.#options;
    const { workflowType, runId } = details;
    const moduleKey = Object.hasOwn(modules, workflowType) ? modules[workflowType] : dynamicModule;
    if (moduleKey === undefined) {
      const names = Object.keys(modules).toSorted().join(", ");
      throw new ApplicationError(
        `Workflow class ${workflowType} is not registered on this worker, available workflows: ${names}`,
        { type: "NotFoundError" },
      );
    }
    const realm = (this.#realm ??= new Realm(bundle));
    const request = { ...parts, bundle, moduleKey, workflowType, details };
    const instance = guard(runId, () => realm.instantiate(request));
    return new SandboxedCode(realm, instance, (code) => guard(runId, code));
  }
}

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

  dispose(): void {
    this.#instance = undefined;
  }
}
