/** What module-level code sees while a run's modules are evaluated, before there is a workflow. */
export interface LoadPhase {
  readonly nowMs: number;
  readonly random: () => number;
}

/** What differs from run to run and from replay to host: answered by the workflow that is running. */
export interface RunningGlobals {
  /** Workflow time in milliseconds since the epoch. */
  now(): number;
  /** The next number of the run's random stream, at least 0 and below 1. */
  random(): number;
  setTimeout(callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): unknown;
  clearInterval(timer: unknown): void;
  log(level: "debug" | "info" | "warn" | "error", message: string): void;
}

/** The one mutable cell of a realm: what is going on in it now. */
export interface RealmState {
  /** Set while modules are evaluated. */
  loading: LoadPhase | undefined;
  /** How many calls that lift the restrictions are running. */
  unrestrictedDepth: number;
  /** The last global without a value that workflow code read in this activation. */
  missingGlobal: string | undefined;
  /** Filled in once the workflow runtime is there. */
  readonly running: RunningGlobals;
}

/** The realm's state. */
export const realmState: RealmState = {
  loading: undefined,
  unrestrictedDepth: 0,
  missingGlobal: undefined,
  running: {
    now: () => 0,
    random: () => 0,
    setTimeout: () => undefined,
    clearTimeout: () => undefined,
    setInterval: () => undefined,
    clearInterval: () => undefined,
    log: () => undefined,
  },
};

/** Runs `code` with the globals of the host that the sandbox leaves out. */
export function unrestricted<T>(code: () => T): T {
  realmState.unrestrictedDepth += 1;
  try {
    return code();
  } finally {
    realmState.unrestrictedDepth -= 1;
  }
}
