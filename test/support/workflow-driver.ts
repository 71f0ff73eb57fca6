import { AsyncLocalStorage } from "node:async_hooks";
import type {
  Activation,
  ActivationCompletion,
  ActivationJob,
  InitializeWorkflow,
  WorkflowCommand,
  WorkflowInstance,
} from "../../src/core/replay/activation.ts";
import { defaultPayloadConverter } from "../../src/payload/default-converter.ts";
import type { Payload } from "../../src/proto/gen/common.ts";
import { definitionOf } from "../../src/workflow/definition.ts";
import type { WorkflowHost } from "../../src/workflow/host.ts";
import { createInstance, type InstanceOptions } from "../../src/workflow/runtime/instance.ts";
import type { ClassOf, Instance } from "../../src/workflow/types.ts";

/** One line that a workflow has logged. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const context = new AsyncLocalStorage<unknown>();

/** Payloads of values, as the default converter makes them. */
export function payloads(...values: readonly unknown[]): Payload[] {
  return defaultPayloadConverter.toPayloads(values);
}

/** The value of a payload. */
export function valueOf(payload: Payload | undefined): unknown {
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
}

/** The first activation's job. */
export function initialize(args: readonly unknown[] = [], details: Partial<InitializeWorkflow> = {}): ActivationJob {
  return {
    kind: "initializeWorkflow",
    details: {
      workflowId: "workflow-id",
      runId: "run-id",
      firstExecutionRunId: "first-run-id",
      namespace: "default",
      taskQueue: "queue",
      workflowType: "Type",
      arguments: payloads(...args),
      headers: {},
      randomSeed: "1234567890123456789",
      identity: "client",
      attempt: 1,
      startTimeMs: 1000,
      workflowStartTimeMs: 900,
      taskTimeoutMs: 10_000,
      continuedFromRunId: "",
      continuedInitiator: 0,
      lastCompletionResult: [],
      cronSchedule: "",
      ...details,
    },
  };
}

/** A signal's job. */
export function signalJob(signalName: string, ...args: readonly unknown[]): ActivationJob {
  return { kind: "signalWorkflow", signalName, input: payloads(...args), headers: {}, identity: "", eventId: 0 };
}

/** A query's job. */
export function queryJob(queryType: string, ...args: readonly unknown[]): ActivationJob {
  return { kind: "queryWorkflow", queryId: `query-${queryType}`, queryType, args: payloads(...args), headers: {} };
}

/** An update's job. */
export function updateJob(name: string, args: readonly unknown[] = [], runValidator = true): ActivationJob {
  return {
    kind: "doUpdate",
    update: {
      id: `${name}-id`,
      protocolInstanceId: `${name}-instance`,
      name,
      input: payloads(...args),
      headers: {},
      identity: "",
      runValidator,
    },
  };
}

/** The resolution of an activity that has succeeded. */
export function activityDone(seq: number, result?: unknown): ActivationJob {
  return { kind: "resolveActivity", seq, isLocal: false, result: { status: "completed", result: payloads(result)[0] } };
}

/** Drives one run of a workflow the way a worker does, draining microtasks with the event loop's help. */
export class WorkflowDriver {
  readonly logs: LogLine[] = [];
  readonly host: WorkflowHost;
  readonly #instance: WorkflowInstance;
  #nowMs = 1_000_000;

  constructor(workflow: ClassOf<Instance>, options: Partial<InstanceOptions> = {}) {
    this.host = {
      log: (level, message, attributes) => void this.logs.push({ level, message, attributes }),
      mapStack: (stack) => stack,
      encodeUtf8: (text) => new TextEncoder().encode(text),
      decodeUtf8: (bytes) => new TextDecoder().decode(bytes),
      unrestricted: (code) => code(),
      context,
    };
    this.#instance = createInstance({ definition: definitionOf(workflow), host: this.host, ...options });
  }

  /** Applies one activation. */
  async apply(jobs: readonly ActivationJob[], facts: Partial<Activation> = {}): Promise<ActivationCompletion> {
    this.#nowMs += 1000;
    this.#instance.begin({
      timestampMs: this.#nowMs,
      isReplaying: false,
      historyLength: 3,
      historySizeBytes: 100,
      continueAsNewSuggested: false,
      suggestContinueAsNewReasons: [],
      targetWorkerDeploymentVersionChanged: false,
      ...facts,
      jobs,
    });
    do await drain();
    while (this.#instance.advance());
    return this.#instance.finish();
  }

  /** Applies one activation that must not fail; answers with its commands. */
  async commands(...jobs: readonly ActivationJob[]): Promise<readonly WorkflowCommand[]> {
    const completion = await this.apply(jobs);
    if (completion.status === "failed")
      throw new Error(`The workflow task failed: ${completion.failure.message}\n${completion.failure.stackTrace}`);
    return completion.commands;
  }

  /** Starts the workflow; answers with its commands. */
  start(...args: readonly unknown[]): Promise<readonly WorkflowCommand[]> {
    return this.commands(initialize(args));
  }

  /** Asks a query; answers with its result. */
  async query(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const [command] = await this.commands(queryJob(name, ...args));
    if (command?.kind !== "respondToQuery") throw new Error(`The query was answered by ${command?.kind}`);
    if (command.result.status === "failed") throw new Error(command.result.failure.message);
    return valueOf(command.result.response);
  }
}

/** Lets every microtask run. */
function drain(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The only command of an activation, by its kind. */
export function only<K extends WorkflowCommand["kind"]>(
  commands: readonly WorkflowCommand[],
  kind: K,
): Extract<WorkflowCommand, { kind: K }> {
  const [command, ...others] = commands;
  if (command?.kind !== kind || others.length > 0)
    throw new Error(`Expected one ${kind}, found [${commands.map((found) => found.kind).join(", ")}]`);
  return command as Extract<WorkflowCommand, { kind: K }>;
}

/** The kinds of commands, in their order. */
export function kinds(commands: readonly WorkflowCommand[]): string[] {
  return commands.map(({ kind }) => kind);
}
