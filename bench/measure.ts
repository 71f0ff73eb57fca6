import { readFileSync } from "node:fs";

/** CPU time in milliseconds of this process and, where the server is another one, of that. */
export interface CpuTimes {
  readonly ownMs: number;
  readonly serverMs: number;
}

/** Ticks a second of /proc; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export function readCpu(serverPid: number | undefined): CpuTimes {
  const { user, system } = process.cpuUsage();
  return { ownMs: (user + system) / 1000, serverMs: serverPid === undefined ? 0 : processCpuMs(serverPid) };
}

function processCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Value at a fraction of the sorted list. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** Runs `count` jobs, `width` at a time, and answers how long each took in milliseconds. */
export async function inParallel(
  count: number,
  width: number,
  job: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const started = performance.now();
      await job(index);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return times;
}
