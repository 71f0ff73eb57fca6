import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type {
  Activation,
  ActivationCompletion,
  InitializeWorkflow,
  IssuedCommand,
  WorkflowInstance,
} from "../../core/replay/activation.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import type { WorkflowHost } from "../../workflow/host.ts";
import { createInstance, type InstanceOptions } from "../../workflow/runtime/instance.ts";
import { reportUnhandledRejection } from "../../workflow/runtime/unhandled-rejection.ts";
import type { WorkflowCode, WorkflowRunner } from "../tasks/workflow-runner.ts";
import { watchRejections } from "./unhandled-rejections.ts";
import { setImmediate } from "../../rpc/host-timers.ts";

/** What an {@link UnsandboxedRunner} works with. */
export interface UnsandboxedRunnerOptions
  extends Omit<InstanceOptions, "definition" | "host">, Pick<WorkflowHost, "log" | "callSink" | "metricMeter"> {
  /** Workflows as they are in this thread; the one without a name gets every type that no other has. */
  readonly definitions: readonly WorkflowDefinition[];
}

/**
 * Runs workflow code as it is, beside all other code of the thread.
 *
 * Nothing keeps such code deterministic but itself: `Date` and `Math.random` are the host's, modules are shared by all
 * runs, and waiting for anything but the workflow API leads astray.
 */
export class UnsandboxedRunner implements WorkflowRunner {
  readonly #options: UnsandboxedRunnerOptions;
  readonly #definitions: ReadonlyMap<string | undefined, WorkflowDefinition>;

  constructor(options: UnsandboxedRunnerOptions) {
    this.#options = options;
    this.#definitions = new Map(options.definitions.map((definition) => [definition.name, definition]));
    watchRejections(reportRejection);
  }

  create({ workflowType }: InitializeWorkflow): WorkflowCode {
    const { log, callSink, metricMeter, definitions, ...settings } = this.#options;
    const definition = this.#definitions.get(workflowType) ?? this.#definitions.get(undefined);
    if (definition === undefined) {
      const names = definitions.map(({ name }) => name).join(", ");
      throw new ApplicationError(
        `Workflow class ${workflowType} is not registered on this worker, available workflows: ${names}`,
        { type: "NotFoundError" },
      );
    }
    const host: WorkflowHost = { ...hostOfThread, log, callSink, metricMeter };
    return new UnsandboxedCode(createInstance({ ...settings, definition, host }));
  }
}

class UnsandboxedCode implements WorkflowCode {
  #instance: WorkflowInstance | undefined;

  constructor(instance: WorkflowInstance) {
    this.#instance = instance;
  }

  activate(activation: Activation): Promise<ActivationCompletion> {
    return inTurn(async () => {
      const instance = this.#instance;
      if (instance === undefined) throw new Error("Cannot activate workflow: its code was let go of");
      instance.begin(activation);
      do await microtasksDone();
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

let lastTurn: Promise<unknown> = Promise.resolve();

/** Runs share the thread's one queue of microtasks, so one activation has to end before the next may begin. */
function inTurn<T>(activate: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(activate);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const context = new AsyncLocalStorage<unknown>();

const hostOfThread: Omit<WorkflowHost, "log"> = {
  mapStack: (stack) => stack,
  encodeUtf8: (text) => encoder.encode(text),
  decodeUtf8: (bytes) => decoder.decode(bytes),
  unrestricted: (code) => code(),
  context,
  readSource(file) {
    try {
      return readFileSync(file.startsWith("file:") ? fileURLToPath(file) : file, "utf8");
    } catch {
      return undefined;
    }
  },
};

function reportRejection(_promise: Promise<unknown>, error: unknown): boolean {
  return reportUnhandledRejection(context.getStore(), error);
}
