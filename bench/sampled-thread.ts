/** What a thread of a soak loads first: it answers for the thread's heap, then loads what the thread is for. */
import { setFlagsFromString, getHeapStatistics } from "node:v8";
import { BroadcastChannel, isMainThread } from "node:worker_threads";
import { runInNewContext } from "node:vm";

export interface HeapQuestion {
  readonly kind: "read";
}

export interface HeapReading {
  readonly name: string;
  readonly bytes: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that this thread's heap holds after garbage is collected, with what it holds outside. */
export function readHeap(): number {
  collect();
  collect();
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

if (!isMainThread) {
  const [id = "", name = "", entry = ""] = process.argv.slice(2);
  const channel = new BroadcastChannel("perdure-soak");
  channel.onmessage = (event) => {
    if ((event as { data: Partial<HeapQuestion> }).data.kind !== "read") return;
    channel.postMessage({ name: `${name} (${id})`, bytes: readHeap() } satisfies HeapReading);
  };
  channel.unref();
  await import(entry);
}
