/**
 * Measures the heap of every thread of the process.
 *
 * Node 20 tells a program nothing of the heaps of its threads, so each thread that is started from now on loads
 * bench/sampled-thread first, which answers for it, and then what it was started with.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { BroadcastChannel, type Worker as Thread, type WorkerOptions } from "node:worker_threads";
import { readHeap, type HeapQuestion, type HeapReading } from "./sampled-thread.js";

const builtin = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Thread };
const channel = new BroadcastChannel("perdure-soak");
const sampler = new URL("./sampled-thread.js", import.meta.url);
let threadCount = 0;

/** Has all threads measured that are started from now on. */
export function sampleThreads(): void {
  const { Worker } = builtin;
  builtin.Worker = class extends Worker {
    constructor(entry: string | URL, options: WorkerOptions = {}) {
      if (options.eval === true) throw new Error("Cannot measure a thread that has no file");
      const id = String(++threadCount);
      super(sampler, { ...options, argv: [id, options.name ?? `thread ${id}`, String(entry)] });
      this.once("exit", () => threadCount--);
    }
  };
  syncBuiltinESMExports();
}

/** Collects garbage in all threads and reads their heaps, in bytes by name. */
export async function readHeaps(): Promise<Map<string, number>> {
  const heaps = new Map([["main", readHeap()]]);
  const expected = threadCount + 1;
  await new Promise<void>((resolve) => {
    channel.onmessage = (event) => {
      const { name, bytes } = (event as { data: HeapReading }).data;
      heaps.set(name, bytes);
      if (heaps.size === expected) resolve();
    };
    if (heaps.size === expected) resolve();
    else channel.postMessage({ kind: "read" } satisfies HeapQuestion);
  });
  return new Map([...heaps].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Ends the measuring, so that the process can end. */
export function stopSampling(): void {
  channel.close();
}
