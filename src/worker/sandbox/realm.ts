import { AsyncLocalStorage } from "node:async_hooks";
import { constants, createContext, Script, type Context } from "node:vm";
import type { InitializeWorkflow, WorkflowInstance } from "../../core/replay/activation.ts";
import type { WorkflowDefinition } from "../../workflow/definition.ts";
import { frozenAdvice } from "./inside/frozen-advice.ts";
import type { Loading, ModuleScript, openRealm, RealmApi, RunParts } from "./inside/realm-api.ts";
import { SCRIPT_PARAMETERS } from "./inside/script-parameters.ts";
import { createRealmHost } from "./realm-bridge.ts";
import { WorkflowLoadError } from "./sandbox-error.ts";
import { toScriptText } from "./script-file.ts";
import { SCRIPT_SCHEME, StackMapper } from "./stack-mapper.ts";
import { watchRealm } from "./unhandled-rejections.ts";
import type { BundledScript, WorkflowBundle } from "./workflow-bundle.ts";

/** What a run is instantiated from. */
export interface RunRequest extends Partial<
  Pick<
    RunParts,
    "callSink" | "metricMeter" | "failureExceptionTypes" | "eagerActivities" | "localActivityTypes" | "patchActivation"
  >
> {
  readonly log: RunParts["log"];
  readonly bundle: WorkflowBundle;
  readonly moduleKey: string;
  readonly workflowType: string;
  readonly details: InitializeWorkflow;
}

interface Program {
  readonly script: ModuleScript;
  readonly stacks: StackMapper;
}

const promiseScript = new Script("Promise.prototype", { filename: `${SCRIPT_SCHEME}promise` });
const drainScript = new Script("0", { filename: `${SCRIPT_SCHEME}drain` });

/**
 * A world of JavaScript's own for workflow code: its own intrinsics, frozen, its own deterministic globals and its own
 * microtask queue, which moves only when {@link drain} is called.
 *
 * It guards against mistakes, not against attackers.
 */
export class Realm {
  readonly #context: Context;
  readonly #api: RealmApi;
  readonly #programs = new WeakMap<WorkflowBundle, Program>();

  /** Takes some milliseconds: make few, and run many workflows in each. */
  constructor(bundle: WorkflowBundle) {
    this.#context = createContext(constants.DONT_CONTEXTIFY, {
      name: "perdure workflows",
      microtaskMode: "afterEvaluate",
      codeGeneration: { strings: false, wasm: false },
    });
    const shared =
      bundle.shared === undefined
        ? undefined
        : { script: this.#compile(bundle.shared, SCRIPT_PARAMETERS), guards: bundle.guards ?? {} };
    const openScript = this.#compile(bundle.realm, ["$host", "$open"]);
    const context = new AsyncLocalStorage();
    const host = createRealmHost(context);
    let api: RealmApi | undefined;
    openScript(host, (open: typeof openRealm, modules: Readonly<Record<string, object>>) => {
      api = open(host, modules, shared, bundle.globals);
    });
    this.drain();
    if (api === undefined)
      throw new WorkflowLoadError(`Cannot open a workflow realm: bundle "${bundle.id}" holds no SDK`);
    this.#api = api;
    const opened = api;
    watchRealm(promiseScript.runInContext(this.#context) as object, (_promise, error) =>
      opened.rejected(context.getStore(), error),
    );
  }

  /** Runs every microtask of this realm that is ready, and those that they make ready. */
  drain(): void {
    drainScript.runInContext(this.#context);
  }

  /**
   * Evaluates the run's module and makes the workflow it defines.
   *
   * @throws {WorkflowLoadError} If the module throws or does not define the workflow.
   */
  instantiate(request: RunRequest): WorkflowInstance {
    const { bundle, moduleKey, workflowType, details } = request;
    const { stacks } = this.#program(bundle);
    const loading = this.#load(bundle, moduleKey, { nowMs: details.workflowStartTimeMs, seed: details.randomSeed });
    const instance = this.#api.create(loading, workflowType, {
      log: request.log,
      callSink: request.callSink,
      mapStack: (stack) => stacks.map(stack),
      readSource: (path) => stacks.readSource(path),
      metricMeter: request.metricMeter,
      failureExceptionTypes: request.failureExceptionTypes ?? [],
      eagerActivities: request.eagerActivities ?? true,
      localActivityTypes: request.localActivityTypes,
      patchActivation: request.patchActivation,
    });
    if (instance !== undefined) return instance;
    const file = fileOf(bundle, moduleKey);
    const hint =
      loading.status === "pending"
        ? `the module awaits something before it does`
        : `define it at the top level of the module`;
    throw new WorkflowLoadError(
      `Cannot instantiate workflow "${workflowType}": module "${file}" does not define it, ${hint}`,
    );
  }

  /**
   * What a module of the bundle defines.
   *
   * @throws {WorkflowLoadError} If the module throws.
   */
  definitions(bundle: WorkflowBundle, moduleKey: string): readonly WorkflowDefinition[] {
    return this.#api.definitions(this.#load(bundle, moduleKey, { nowMs: 0, seed: "" }));
  }

  #load(bundle: WorkflowBundle, moduleKey: string, at: { readonly nowMs: number; readonly seed: string }): Loading {
    const { script, stacks } = this.#program(bundle);
    const loading = this.#api.load(script, [...new Set([...bundle.interceptors, moduleKey])], at);
    this.drain();
    if (loading.status !== "failed") return loading;
    this.#api.definitions(loading);
    const { error } = loading;
    const text = isErrorLike(error) ? stacks.map(error.stack) : String(error);
    const advice = frozenAdvice(text, Object.keys(bundle.guards ?? {}));
    const ending = advice === undefined ? "" : `\n${advice}`;
    throw new WorkflowLoadError(`Cannot load workflow module "${fileOf(bundle, moduleKey)}": ${text}${ending}`, {
      cause: error,
    });
  }

  #program(bundle: WorkflowBundle): Program {
    let program = this.#programs.get(bundle);
    if (program === undefined) {
      program = { script: this.#compile(bundle.program, SCRIPT_PARAMETERS), stacks: new StackMapper(bundle) };
      this.#programs.set(bundle, program);
    }
    return program;
  }

  #compile({ name, code, url, countsFirstLine = false }: BundledScript, parameters: readonly string[]): ModuleScript {
    // The first line is ours; lines count as they do in the source map.
    const script = new Script(toScriptText(code, parameters), {
      filename: url ?? `${SCRIPT_SCHEME}${name}`,
      lineOffset: countsFirstLine ? 0 : -1,
    });
    return script.runInContext(this.#context) as ModuleScript;
  }
}

function fileOf(bundle: WorkflowBundle, moduleKey: string): string {
  return bundle.modules.find((module) => module.key === moduleKey)?.file ?? moduleKey;
}

function isErrorLike(value: unknown): value is { readonly stack: string } {
  return typeof value === "object" && value !== null && "stack" in value && typeof value.stack === "string";
}
