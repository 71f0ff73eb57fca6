import { cpus, totalmem } from "node:os";
import type { Clock } from "../../core/time/clock.ts";
import { readCgroupCpu, readHostControl, type ReadControl } from "./cgroup-cpu.ts";

/** How busy the computer is, or the container that the process runs in. */
export interface ResourceUsage {
  /** Share of all processors' time in use, from 0 to 1. */
  cpu(): number;
  /** Share of memory in use, from 0 to 1. */
  memory(): number;
}

/** Least time over which processors' time is measured; asked again sooner, the last answer stands. */
const CPU_PERIOD_MS = 100;

interface CpuTime {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** Measures the container if its processors are limited, else the computer itself. */
export function createHostUsage(clock: Clock, readControl: ReadControl = readHostControl): ResourceUsage {
  let lastAtMs = clock.now();
  let last = readCpuTime(readControl, lastAtMs);
  let cpu = 0;
  return {
    cpu() {
      const nowMs = clock.now();
      if (Math.abs(nowMs - lastAtMs) < CPU_PERIOD_MS) return cpu;
      const current = readCpuTime(readControl, nowMs);
      const totalMs = current.totalMs - last.totalMs;
      if (totalMs > 0) cpu = Math.min(1, (current.busyMs - last.busyMs) / totalMs);
      last = current;
      lastAtMs = nowMs;
      return cpu;
    },
    memory() {
      const limit = process.constrainedMemory();
      const total = limit > 0 && limit < totalmem() ? limit : totalmem();
      return Math.max(0, 1 - process.availableMemory() / total);
    },
  };
}

function readCpuTime(readControl: ReadControl, nowMs: number): CpuTime {
  const container = readCgroupCpu(readControl);
  if (container !== undefined) return { busyMs: container.usedMs, totalMs: nowMs * container.processors };
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    totalMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, totalMs };
}
