import type { Activation, ActivationCompletion, WorkflowInstance } from "../../../core/replay/activation.ts";
import { defaultPayloadConverter } from "../../../payload/default-converter.ts";
import { defaultFailureConverter } from "../../../payload/failure-converter.ts";
import { observeDefinitions, type WorkflowDefinition } from "../../../workflow/definition.ts";
import type { ContextStorage, WorkflowHost } from "../../../workflow/host.ts";
import { workflowGlobals } from "../../../workflow/runtime/globals.ts";
import { createInstance } from "../../../workflow/runtime/instance.ts";
import { RandomStream } from "../../../workflow/runtime/random-stream.ts";
import type { RunSettings } from "../../../workflow/runtime/settings.ts";
import { markSandboxed } from "../../../workflow/runtime/sandbox-mark.ts";
import { reportUnhandledRejection } from "../../../workflow/runtime/unhandled-rejection.ts";
import { CONVERTER_KEY } from "../workflow-bundle.ts";
import type { StubReason } from "../bundle-plugin.ts";
import type { GlobalRestrictions } from "../restriction.ts";
import { createGlobalViews } from "./global-view.ts";
import { frozenAdvice } from "./frozen-advice.ts";
import { type GuardedParts, type GuardKind, loadGuarded } from "./guarded-library.ts";
import { harden } from "./harden.ts";
import { mapStacks } from "./mapped-stacks.ts";
import { adviceFor } from "./missing-globals.ts";
import type { RealmHost } from "./realm-host.ts";
import { realmState, unrestricted } from "./realm-state.ts";
import { restrictGlobals, restrictMembers } from "./restricted.ts";
import { createActivityReference, createStub, type StubNote } from "./stand-ins.ts";

// Module-level code draws from a stream of its own, or its values would come again in the run.
const LOAD_SEED = 0x6c6f_6164n;

type ModuleTable = Readonly<Record<string, () => unknown>>;
type Namespaces = Readonly<Record<string, object>>;
type Interceptors = RunSettings["interceptors"];

/** A compiled script of a bundle: evaluates its modules afresh at every call. Its parameters are `SCRIPT_PARAMETERS`. */
export type ModuleScript = (...args: unknown[]) => void;

/** Modules being evaluated for one run. */
export interface Loading {
  readonly defined: WorkflowDefinition[];
  /** What shared packages keep for the run. */
  readonly libraryState: Record<string, object>;
  /** What the modules export, in their order. */
  namespaces: readonly unknown[];
  error: unknown;
  status: "pending" | "loaded" | "failed";
}

/** What a run needs that does not come with its realm. */
export type RunParts = Pick<WorkflowHost, "log" | "callSink" | "mapStack" | "readSource" | "metricMeter"> &
  Pick<RunSettings, "failureExceptionTypes" | "eagerActivities" | "localActivityTypes" | "patchActivation">;

/** The one door between a realm and its host. Every call is synchronous and leaves microtasks for the host to drain. */
export interface RealmApi {
  /** Starts to evaluate modules; after a drain, {@link Loading.status} tells how it went. */
  load(script: ModuleScript, keys: readonly string[], at: { readonly nowMs: number; readonly seed: string }): Loading;
  /** Ends the evaluation and tells what it defined. */
  definitions(loading: Loading): readonly WorkflowDefinition[];
  /** Makes a run of what was evaluated; `undefined` if that did not define a workflow of the type. */
  create(loading: Loading, workflowType: string, parts: RunParts): WorkflowInstance | undefined;
  /** Fails the run that rejected a promise for which nobody waits; false if it was none. */
  rejected(context: unknown, error: unknown): boolean;
}

/** Third-party modules that runs share. */
export interface SharedModules {
  readonly script: ModuleScript;
  /** Those of which no run may leave anything behind for another, by their keys. */
  readonly guards: Readonly<Record<string, GuardKind>>;
}

/** Fills a realm whose globals are in place with the modules that runs share, and freezes it. */
export function openRealm(
  host: RealmHost,
  sdk: Namespaces,
  shared: SharedModules | undefined,
  globals: GlobalRestrictions | undefined,
): RealmApi {
  markSandboxed();
  realmState.running = workflowGlobals();
  const modules = snapshot(sdk);
  const view = createGlobalViews();
  const libraries: Record<string, object> = {};
  const links = [
    (key: string) => modules[key],
    (namespace: object, name: string) => Reflect.get(namespace, name) as unknown,
    stub,
    createActivityReference,
    (key: string) => libraries[key],
  ];
  const evaluate = (script: ModuleScript, global = view()): ModuleTable => {
    let table: ModuleTable = {};
    const modulesInto = (all: ModuleTable): unknown => (table = all);
    script(global, global, global, ...links, modulesInto, host.hostModule, restrictMembers);
    return table;
  };
  const guarded = shared === undefined ? undefined : loadShared(shared, view(), evaluate, libraries);
  mapStacks(host);
  const hidden = globals === undefined ? [] : restrictGlobals(host, globals);
  harden([...Object.values(modules), ...hidden, ...(guarded?.roots ?? [])], guarded?.except ?? new Set());
  guarded?.settle();
  return createApi(host, evaluate, convertersOf(libraries[CONVERTER_KEY]), Object.keys(shared?.guards ?? {}));
}

type Converters = Pick<RunSettings, "payloadConverter" | "failureConverter">;

function convertersOf(module: object | undefined): Converters {
  const given = (module ?? {}) as Partial<Converters>;
  return {
    payloadConverter: given.payloadConverter ?? defaultPayloadConverter,
    failureConverter: given.failureConverter ?? defaultFailureConverter,
  };
}

function createApi(
  realmHost: RealmHost,
  evaluate: (script: ModuleScript) => ModuleTable,
  converters: Converters,
  guarded: readonly string[],
): RealmApi {
  const { context } = realmHost;
  const ownContext: ContextStorage = {
    run: (value, code) => context.run(value, code),
    getStore: () => context.getStore(),
  };
  const hostOfRealm = {
    encodeUtf8: (text: string) => new Uint8Array(realmHost.encodeUtf8(text)),
    decodeUtf8: (bytes: Uint8Array) => realmHost.decodeText(bytes, "utf-8", true, true),
    unrestricted,
    context: ownContext,
    isSandboxed: true,
  };
  return {
    load(script, keys, { nowMs, seed }) {
      const loading: Loading = { defined: [], libraryState: {}, namespaces: [], error: undefined, status: "pending" };
      realmState.loading = { nowMs, random: new RandomStream(String(BigInt(seed) ^ LOAD_SEED)) };
      realmState.libraryState = loading.libraryState;
      observeDefinitions((defined) => loading.defined.push(defined));
      startLoading(loading, () => {
        const table = evaluate(script);
        return Promise.all(keys.map((key) => table[key]?.()));
      });
      return loading;
    },
    definitions(loading) {
      finishLoading();
      return loading.defined;
    },
    create(loading, workflowType, parts) {
      finishLoading();
      // What a module imports is evaluated before it: of two classes of one name its own comes last.
      const { defined } = loading;
      const definition =
        defined.findLast(({ name }) => name === workflowType) ?? defined.findLast(({ name }) => name === undefined);
      if (definition === undefined) return undefined;
      const { log, callSink, mapStack, readSource, metricMeter, ...settings } = parts;
      const host: WorkflowHost = { ...hostOfRealm, log, callSink, mapStack, readSource, metricMeter };
      const interceptors = interceptorsOf(loading.namespaces);
      return withAdvice(
        createInstance({ ...settings, ...converters, definition, host, interceptors }),
        loading,
        guarded,
      );
    },
    rejected: reportUnhandledRejection,
  };
}

/** Modules of interceptors export a function `interceptors`; modules of workflows have none. */
function interceptorsOf(namespaces: readonly unknown[]): Interceptors {
  return namespaces.flatMap((namespace) => {
    const { interceptors } = (namespace ?? {}) as { readonly interceptors?: unknown };
    return typeof interceptors === "function" ? [interceptors as Interceptors[number]] : [];
  });
}

function startLoading(loading: Loading, start: () => Promise<readonly unknown[]>): void {
  const failed = (error: unknown): void => {
    loading.status = "failed";
    loading.error = error;
  };
  try {
    start().then((namespaces) => {
      loading.status = "loaded";
      loading.namespaces = namespaces;
    }, failed);
  } catch (error) {
    failed(error);
  }
}

function ignore(): void {
  // What a run defines later is no workflow of the worker.
}

function finishLoading(): void {
  realmState.loading = undefined;
  observeDefinitions(ignore);
}

/** Libraries are evaluated before the realm is frozen, so that those which extend the language can. */
function loadShared(
  { script, guards }: SharedModules,
  global: object,
  evaluate: (script: ModuleScript, global: object) => ModuleTable,
  libraries: Record<string, object>,
): GuardedParts {
  realmState.loading = { nowMs: 0, random: new RandomStream("0") };
  try {
    return loadGuarded(global, guards, () => {
      for (const [key, load] of Object.entries(evaluate(script, global))) libraries[key] = load() as object;
      return libraries;
    });
  } finally {
    realmState.loading = undefined;
  }
}

/** Plain copies of module namespaces: their accessors would keep SDK internals from being frozen. */
function snapshot(namespaces: Namespaces): Namespaces {
  const copies = Object.entries(namespaces).map(([key, namespace]) => [key, { ...namespace }] as const);
  for (const [, namespace] of copies) for (const [name, value] of Object.entries(namespace)) restoreName(name, value);
  return Object.fromEntries(copies);
}

/** Bundling renames classes that mention themselves to "_Name". */
function restoreName(name: string, value: unknown): void {
  if (typeof value === "function" && value.name === `_${name}`) Object.defineProperty(value, "name", { value: name });
}

const stubs = new Map<string, object>();

function stub(name: string, reason: StubReason, over?: object, note?: StubNote): object {
  const key = `${reason} ${name} ${note?.chain ?? ""}`;
  let found = stubs.get(key);
  if (found === undefined) {
    found = createStub(name, reason, over, note);
    stubs.set(key, found);
  }
  return found;
}

/** Makes the run the one at work while it is activated, and adds what to do to a failure that came of a global which the sandbox has not. */
function withAdvice(
  instance: WorkflowInstance,
  { libraryState }: Loading,
  guarded: readonly string[],
): WorkflowInstance {
  return {
    begin(activation: Activation): void {
      realmState.missingGlobal = undefined;
      realmState.libraryState = libraryState;
      instance.begin(activation);
    },
    advance: () => instance.advance(),
    placeOf: (command) => instance.placeOf?.(command),
    finish(): ActivationCompletion {
      const completion = instance.finish();
      if (completion.status !== "failed") return completion;
      const { message: cause } = completion.failure;
      const advice = adviceFor(cause) ?? frozenAdvice(cause, guarded);
      if (advice === undefined) return completion;
      const failure = { ...completion.failure, message: `${cause}: ${advice}` };
      return { ...completion, failure };
    },
  };
}
