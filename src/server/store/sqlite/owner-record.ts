import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds a database: enough to tell later, from the same host, whether it still lives. */
export interface OwnerRecord {
  readonly pid: number;
  /** Thread of that process, by its number in the kernel; the process id where that is not known. */
  readonly threadId: number;
  /** When the thread started, in clock ticks since boot, so that a reused id is told apart; empty where not known. */
  readonly startTicks: string;
  readonly hostname: string;
  /** Tells one boot of one kernel from all others; empty where not known. */
  readonly bootId: string;
  /** Process ids mean the same only within one of these; empty where not known. */
  readonly pidNamespace: string;
  /** For the reader of the file. */
  readonly openedAt: string;
}

/** `unknown` where only the owner's heartbeat can tell: on another host, in another container, or without `/proc`. */
export type OwnerState = "alive" | "dead" | "unknown";

/** Describes the calling thread. */
export function describeOwner(): OwnerRecord {
  const threadId = Number(readLink("/proc/thread-self").split("/").at(-1)) || process.pid;
  return {
    pid: process.pid,
    threadId,
    startTicks: startTicks(process.pid, threadId) ?? "",
    hostname: hostname(),
    bootId: readText("/proc/sys/kernel/random/boot_id").trim(),
    pidNamespace: readLink("/proc/self/ns/pid"),
    openedAt: new Date().toISOString(),
  };
}

/** Whether an owner still lives, as seen from the calling process. */
export function ownerState(owner: OwnerRecord, self: OwnerRecord): OwnerState {
  if (owner.bootId !== self.bootId || owner.pidNamespace !== self.pidNamespace) return "unknown";
  if (self.bootId === "" && owner.hostname !== self.hostname) return "unknown";
  if (!isProcess(owner.pid)) return "dead";
  if (owner.startTicks === "") return "unknown";
  const ticks = startTicks(owner.pid, owner.threadId);
  // Another user's process may hide its threads; one's own does not.
  if (ticks === undefined) return owner.pid === self.pid ? "dead" : "unknown";
  return ticks === owner.startTicks ? "alive" : "dead";
}

/** Reads an owner back from its file's text; `undefined` if it is none. */
export function parseOwner(text: string): OwnerRecord | undefined {
  try {
    const owner = JSON.parse(text) as Partial<OwnerRecord> | null;
    return typeof owner?.pid === "number" ? (owner as OwnerRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Field 22 of the thread's stat line, counted after the program name, which may itself hold spaces and parentheses. */
function startTicks(pid: number, threadId: number): string | undefined {
  const stat = readText(`/proc/${pid}/task/${threadId}/stat`);
  return stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .at(19);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
