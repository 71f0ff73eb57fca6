import { REFUSED_MEMBERS } from "../../../refusals/globals.ts";
import type { WorkflowConsole, WorkflowGlobals } from "../../../workflow/runtime/globals.ts";
import { SandboxAccessError } from "../sandbox-error.ts";
import { SandboxAbortController, SandboxAbortSignal, setAbortTimer } from "./abort-signal.ts";
import { atob, btoa } from "./base64.ts";
import { installDate } from "./deterministic-date.ts";
import { installIntl } from "./deterministic-intl.ts";
import { installTemporal } from "./deterministic-temporal.ts";
import { installDisposalSymbols } from "./disposal-symbols.ts";
import { SandboxDomException, SandboxEvent, SandboxEventTarget } from "./event-target.ts";
import { removeGlobals } from "./missing-globals.ts";
import type { RealmHost } from "./realm-host.ts";
import { realmState, runningGlobals } from "./realm-state.ts";
import { structuredClone } from "./structured-clone.ts";
import { createTextCoding } from "./text-coding.ts";
import { createUrlClasses } from "./url.ts";

const STACK_FRAMES_MAX = 24;

/** Fills the realm's global with what workflow code may use, and with nothing that a replay would see differently. */
export function installGlobals(host: RealmHost): void {
  // Calls of the API pass through a dozen frames of this package before they come to one of the user's.
  Error.stackTraceLimit = STACK_FRAMES_MAX;
  installDisposalSymbols();
  const now = (): number => realmState.loading?.nowMs ?? runningGlobals().now();
  installDate(now);
  installIntl(now);
  installTemporal(now);
  removeGlobals(host);
  define(Math, "random", () => dice().random());
  const functions = createFunctions();
  for (const [name, value] of Object.entries(functions)) define(globalThis, name, value);
  setAbortTimer((callback, delayMs) => functions.setTimeout(callback, delayMs));
  const classes = {
    AbortController: SandboxAbortController,
    AbortSignal: SandboxAbortSignal,
    DOMException: SandboxDomException,
    Event: SandboxEvent,
    EventTarget: SandboxEventTarget,
    ...createTextCoding(host),
    ...createUrlClasses(host),
  };
  for (const [name, value] of Object.entries(classes)) defineClass(name, value as new () => object);
  define(globalThis, "crypto", createCrypto());
  define(globalThis, "performance", createPerformance(now));
  define(globalThis, "console", createConsole());
}

type Timers = Pick<WorkflowGlobals, "setTimeout" | "clearTimeout" | "setInterval" | "clearInterval">;

function createFunctions(): Timers & Record<"queueMicrotask" | "structuredClone" | "atob" | "btoa", unknown> {
  // Modules that start something while they are evaluated would start it again in every run.
  const start = (run: (timers: Timers) => number): number =>
    realmState.loading === undefined ? run(runningGlobals()) : 0;
  const stop = (run: (timers: Timers) => void): void => {
    if (realmState.loading === undefined) run(runningGlobals());
  };
  return {
    setTimeout: (callback, delayMs, ...args) => start((timers) => timers.setTimeout(callback, delayMs, ...args)),
    clearTimeout: (id) => stop((timers) => timers.clearTimeout(id)),
    setInterval: (callback, delayMs, ...args) => start((timers) => timers.setInterval(callback, delayMs, ...args)),
    clearInterval: (id) => stop((timers) => timers.clearInterval(id)),
    queueMicrotask(callback: () => void): void {
      if (realmState.loading === undefined) runningGlobals().queueMicrotask(callback);
      else void later(callback);
    },
    structuredClone,
    atob,
    btoa,
  };
}

async function later(code: () => void): Promise<void> {
  await Promise.resolve();
  code();
}

/** Where random values come from: the modules' own stream while they are evaluated, then that of the run. */
function dice(): Pick<WorkflowGlobals, "random" | "randomUUID" | "getRandomValues"> {
  const stream = realmState.loading?.random;
  if (stream === undefined) return runningGlobals();
  return {
    random: () => stream.random(),
    randomUUID: () => stream.uuid4(),
    getRandomValues(array) {
      stream.fill(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return array;
    },
  };
}

function createCrypto(): object {
  return {
    randomUUID: () => dice().randomUUID(),
    getRandomValues: <T extends ArrayBufferView>(array: T): T => dice().getRandomValues(array),
    get subtle(): never {
      throw new SandboxAccessError(`Cannot use "crypto.subtle" in workflow code: ${REFUSED_MEMBERS["crypto.subtle"]}`);
    },
  };
}

function createPerformance(now: () => number): object {
  const elapsed = (): number => (realmState.loading === undefined ? runningGlobals().elapsed() : 0);
  return {
    get timeOrigin(): number {
      return now() - elapsed();
    },
    now: elapsed,
    mark: () => undefined,
    measure: () => undefined,
  };
}

function createConsole(): object {
  const line = (level: keyof WorkflowConsole) =>
    function print(...args: readonly unknown[]): void {
      // Module-level code is evaluated for every run and every replay; its output would only repeat.
      if (realmState.loading === undefined) runningGlobals().console[level](...args);
    };
  const silent = (): void => undefined;
  return {
    trace: line("trace"),
    debug: line("debug"),
    log: line("log"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    dir: line("log"),
    table: line("log"),
    group: line("log"),
    groupCollapsed: line("log"),
    groupEnd: silent,
    assert(condition: unknown, ...args: readonly unknown[]): void {
      if (!condition) line("error")("Assertion failed", ...args);
    },
    time: silent,
    timeEnd: silent,
    timeLog: silent,
    count: silent,
    countReset: silent,
  };
}

function defineClass(name: string, type: new () => object): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  define(globalThis, name, type);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}
