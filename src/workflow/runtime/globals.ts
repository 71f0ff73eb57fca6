import type { LogLevel } from "../../core/telemetry/logger.ts";
import { toDurationMs } from "../../core/time/duration.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import { currentFrame, currentRun, maybeCurrentRun, writableFrame } from "./current.ts";
import { RandomStream } from "./random-stream.ts";
import type { Run } from "./run.ts";
import { startDetachedTimer } from "./timer.ts";
import { settleError } from "./top-level.ts";
import { logAbout } from "./run-log.ts";

type Callback = (...args: readonly unknown[]) => void;

/** What takes the place of globals whose own would make runs differ. Each acts on the run that calls it, and throws outside of runs. */
export interface WorkflowGlobals {
  /** The current time, as dates have it: milliseconds since the epoch. */
  now(): number;
  /** `performance.now`: milliseconds since the workflow started. */
  elapsed(): number;
  /** `Math.random` */
  random(): number;
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  readonly setTimeout: (callback: Callback, delayMs?: number, ...args: readonly unknown[]) => number;
  clearTimeout(id: unknown): void;
  /** Every round takes a timer of the workflow. */
  readonly setInterval: (callback: Callback, delayMs?: number, ...args: readonly unknown[]) => number;
  clearInterval(id: unknown): void;
  queueMicrotask(callback: () => void): void;
  /** Writes to the workflow's log, not in replay. */
  readonly console: WorkflowConsole;
}

/** The methods of `console` that have a meaning in a log. */
export type WorkflowConsole = Readonly<
  Record<"trace" | "debug" | "log" | "info" | "warn" | "error", (...args: readonly unknown[]) => void>
>;

/** The timers of one run by their ids. */
interface GlobalTimers {
  lastId: number;
  readonly stops: Map<number, () => void>;
}

const timersByRun = new WeakMap<Run, GlobalTimers>();

/** The deterministic stand-ins for the host's clock, dice, timers and console. */
export function workflowGlobals(): WorkflowGlobals {
  return {
    now: () => currentRun("read the clock").facts.timestampMs,
    elapsed: () => {
      const run = currentRun("read the clock");
      return Math.max(0, run.facts.timestampMs - run.init.startTimeMs);
    },
    random: () => randomOf(currentRun("draw random numbers")).random(),
    randomUUID: () => randomOf(currentRun("make a random UUID")).uuid4(),
    getRandomValues(array) {
      randomOf(currentRun("draw random numbers")).fill(
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      );
      return array;
    },
    setTimeout: (callback, delayMs, ...args) => startGlobalTimer(callback, delayMs, args, false),
    clearTimeout: stopGlobalTimer,
    setInterval: (callback, delayMs, ...args) => startGlobalTimer(callback, delayMs, args, true),
    clearInterval: stopGlobalTimer,
    queueMicrotask(callback) {
      const { run } = currentFrame("queue a microtask");
      Promise.resolve()
        .then(() => guarded(run, callback, []))
        .catch((error: unknown) => settleError(run, error));
    },
    console: createConsole(),
  };
}

/** A library may draw in a query what it does not keep; the workflow's own numbers must not move on by that. */
function randomOf(run: Run): RandomStream {
  return run.isReadOnly ? new RandomStream(run.randomSeed) : run.random;
}

function startGlobalTimer(callback: Callback, delayMs: unknown, args: readonly unknown[], repeats: boolean): number {
  const { run } = writableFrame("start a timer");
  if (typeof callback !== "function")
    throw new WorkflowUsageError(`Cannot start a timer: found ${typeof callback} as its callback, expected a function`);
  const timers = timersByRun.get(run) ?? { lastId: 0, stops: new Map() };
  timersByRun.set(run, timers);
  timers.lastId += 1;
  const id = timers.lastId;
  // As the platform has it, what is no number is no delay.
  const ms = toDurationMs(Math.max(0, Number(delayMs) || 0));
  const start = (): void => {
    const stop = startDetachedTimer(run, ms, () => {
      // In a microtask of its own, so that it keeps the frame of the code that set it.
      waiting.resolve();
    });
    const waiting = newTurn(() => {
      if (repeats) start();
      else timers.stops.delete(id);
      guarded(run, callback, args);
    });
    timers.stops.set(id, stop);
  };
  start();
  return id;
}

/** Runs code, with the frame of now, when it is told to. */
function newTurn(code: () => void): { resolve(): void } {
  let resolve!: () => void;
  const turn = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  void turn.then(code);
  return { resolve };
}

function stopGlobalTimer(id: unknown): void {
  const run = maybeCurrentRun();
  if (run === undefined) return;
  const stops = timersByRun.get(run)?.stops;
  stops?.get(Number(id))?.();
  stops?.delete(Number(id));
}

/** Nobody catches what a callback throws, so the workflow does. */
function guarded(run: Run, callback: Callback, args: readonly unknown[]): void {
  try {
    callback(...args);
  } catch (error) {
    settleError(run, error);
  }
}

function createConsole(): WorkflowConsole {
  const line =
    (level: LogLevel) =>
    (...args: readonly unknown[]): void => {
      const run = maybeCurrentRun();
      if (run === undefined || run.isReplayingHistory) return;
      logAbout(run, level, args.map(toText).join(" "));
    };
  return {
    trace: line("trace"),
    debug: line("debug"),
    log: line("info"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "stack" in value) return String(value.stack);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
