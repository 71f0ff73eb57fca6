import { SandboxAbortController, SandboxAbortSignal, setAbortTimer } from "./abort-signal.ts";
import { atob, btoa } from "./base64.ts";
import { installDate } from "./deterministic-date.ts";
import { installIntl } from "./deterministic-intl.ts";
import { SandboxDomException, SandboxEvent, SandboxEventTarget } from "./event-target.ts";
import "./prelude.ts";
import { removeGlobals } from "./missing-globals.ts";
import type { RealmHost } from "./realm-host.ts";
import { realmState, type RunningGlobals } from "./realm-state.ts";
import { structuredClone } from "./structured-clone.ts";
import { createTextCoding } from "./text-coding.ts";
import { createUrlClasses } from "./url.ts";

/** Fills the realm's global with what workflow code may use, and with nothing that a replay would see differently. */
export function installGlobals(host: RealmHost): void {
  const { running } = realmState;
  const now = (): number => realmState.loading?.nowMs ?? running.now();
  const random = (): number => (realmState.loading === undefined ? running.random() : realmState.loading.random());
  installDate(now);
  installIntl(now);
  define(Math, "random", { random }.random);
  removeGlobals(host);

  // Modules that start something while they are evaluated would start it again in every run.
  const started = <T>(start: () => T): T | undefined => (realmState.loading === undefined ? start() : undefined);
  const functions = {
    setTimeout: (callback: () => void, delayMs?: number, ...args: unknown[]) => started(() => running.setTimeout(callback, delayMs, ...args)),
    clearTimeout: (timer: unknown) => started(() => running.clearTimeout(timer)),
    setInterval: (callback: () => void, delayMs?: number, ...args: unknown[]) => started(() => running.setInterval(callback, delayMs, ...args)),
    clearInterval: (timer: unknown) => started(() => running.clearInterval(timer)),
    queueMicrotask: (callback: () => void) => void Promise.resolve().then(() => callback()),
    structuredClone,
    atob,
    btoa,
  };
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
  define(globalThis, "crypto", createCrypto(random));
  define(globalThis, "performance", createPerformance(now));
  define(globalThis, "console", createConsole(running));
}

function createCrypto(random: () => number): object {
  const randomByte = (): number => Math.floor(random() * 256);
  return {
    randomUUID(): string {
      const bytes = Array.from({ length: 16 }, randomByte);
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    getRandomValues<T extends ArrayBufferView>(view: T): T {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      for (let index = 0; index < bytes.length; index++) bytes[index] = randomByte();
      return view;
    },
  };
}

function createPerformance(now: () => number): object {
  return {
    timeOrigin: 0,
    now,
    mark: () => undefined,
    measure: () => undefined,
  };
}

function createConsole(running: RunningGlobals): object {
  const line = (level: "debug" | "info" | "warn" | "error") =>
    function print(...args: unknown[]): void {
      // Module-level code is evaluated for every run and every replay; its output would only repeat.
      if (realmState.loading === undefined) running.log(level, args.map(display).join(" "));
    };
  const silent = (): void => undefined;
  return {
    log: line("info"),
    info: line("info"),
    debug: line("debug"),
    trace: line("debug"),
    dir: line("info"),
    warn: line("warn"),
    error: line("error"),
    assert: (condition: unknown, ...args: unknown[]): void => {
      if (condition !== true && !condition) line("error")("Assertion failed:", ...args);
    },
    group: line("info"),
    groupEnd: silent,
    time: silent,
    timeEnd: silent,
    timeLog: silent,
    count: silent,
  };
}

function display(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return String(value);
}

function defineClass(name: string, type: new () => object): void {
  Object.defineProperty(type, "name", { value: name, configurable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
  define(globalThis, name, type);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}
