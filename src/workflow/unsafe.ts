import { currentRun, maybeCurrentRun } from "./runtime/current.ts";
import { isMarkedSandboxed } from "./runtime/sandbox-mark.ts";

/** What workflow code should not do, or ask, but for good reasons: what depends on it may differ in replay. */
export const unsafe = {
  /** Whether history is replayed; queries and validators of a replayed workflow count as well. */
  isReplaying(): boolean {
    return currentRun("ask about replay").facts.isReplaying;
  },

  /** Whether history is replayed, but for queries and validators, which are live. */
  isReplayingHistoryEvents(): boolean {
    return currentRun("ask about replay").isReplayingHistory;
  },

  /** Whether this code runs in a query or an update's validator. */
  isReadOnly(): boolean {
    return currentRun("ask whether changes are allowed").isReadOnly;
  },

  /** Whether this code runs in the sandbox, or is loaded there. */
  inSandbox(): boolean {
    return isMarkedSandboxed() || maybeCurrentRun()?.host.isSandboxed === true;
  },

  /** Runs code with the sandbox's restrictions lifted. It must not wait. */
  sandboxUnrestricted<T>(code: () => T): T {
    return currentRun("lift the sandbox's restrictions").host.unrestricted(code);
  },
} as const;
