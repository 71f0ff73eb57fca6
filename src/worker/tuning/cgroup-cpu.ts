import { readFileSync } from "node:fs";

/** Processors' time that a container has used, of how much it may use. */
export interface CgroupCpu {
  readonly usedMs: number;
  /** Processors that it may keep busy; may have a fraction. */
  readonly processors: number;
}

/** Reads a control file of the process's container; undefined if there is none. */
export type ReadControl = (name: "cpu.max" | "cpu.stat") => string | undefined;

const FOLDER = "/sys/fs/cgroup";

/** Reads the files of the second version of Linux's control groups. */
export const readHostControl: ReadControl = (name) => {
  try {
    return readFileSync(`${FOLDER}/${name}`, "utf8");
  } catch {
    return undefined;
  }
};

/** What the process's container has used; undefined where its processors are not limited. */
export function readCgroupCpu(read: ReadControl): CgroupCpu | undefined {
  const [quota = NaN, period = NaN] = (read("cpu.max") ?? "").trim().split(" ").map(Number);
  const usage = Number(/^usage_usec (\d+)$/m.exec(read("cpu.stat") ?? "")?.[1]);
  if (!(quota > 0 && period > 0 && usage >= 0)) return undefined;
  return { usedMs: usage / 1_000, processors: quota / period };
}
