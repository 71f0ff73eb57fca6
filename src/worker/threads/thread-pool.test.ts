import { expect, onTestFinished, test } from "vitest";
import { TemporalError } from "../../core/errors.ts";
import {
  WorkflowDeadlockError,
  WorkflowOutOfMemoryError,
  WorkflowThreadLostError,
  WorkflowThreadsStoppedError,
} from "./thread-error.ts";
import { ThreadPool, type ThreadPoolOptions } from "./thread-pool.ts";
import type { LostThread } from "./thread-service.ts";

const module = new URL("./trial.test-support.ts", import.meta.url);

function createPool(options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const pool = new ThreadPool({ module, init: { greeting: "Hello" }, host: {}, ...options });
  onTestFinished(() => pool.stop());
  return pool;
}

test("a service answers from its thread with what it was initialized with", async () => {
  const pool = createPool();
  expect(await pool.call("run", "greet", "Ada")).toBe("Hello, Ada");
  expect(await pool.call("run", "length", new Uint8Array(100_000))).toBe(100_000);
});

test("a run stays with its thread, and runs are spread over threads", async () => {
  const pool = createPool({ threadsMax: 2 });
  expect(await pool.call("first", "count")).toBe(1);
  expect(await pool.call("second", "count")).toBe(1);
  expect(await pool.call("first", "count")).toBe(2);
  pool.release("first");
  pool.release("second");
  expect(await pool.call("third", "count")).toBe(3);
});

test("a release that a later call has crossed changes nothing, and the one after it counts", async () => {
  const pool = createPool({ threadsMax: 2 });
  expect(await pool.call("first", "count")).toBe(1);
  expect(await pool.call("first", "count")).toBe(2);
  pool.release("first", 1);
  expect(await pool.call("second", "count")).toBe(1);
  expect(await pool.call("first", "count")).toBe(3);
  pool.release("first", 2);
  expect(await pool.call("third", "count")).toBe(4);
});

test("a thread asks and tells its host", async () => {
  let told: number | undefined;
  let hear = (): void => undefined;
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const host = {
    double: async (value: number) => value * 2,
    refuse: () => Promise.reject(new WorkflowThreadLostError("not now")),
    tell(value: number): void {
      told = value;
      hear();
    },
  };
  const pool = createPool({ host });
  expect(await pool.call("run", "askHost", "double", 21)).toBe(42);
  await expect(pool.call("run", "askHost", "refuse", 0)).rejects.toThrow("not now");
  await expect(pool.call("run", "askHost", "nothing", 0)).rejects.toThrow(`Cannot call "nothing"`);
  pool.notify("run", "tellHost", "tell", 7);
  await heard;
  expect(told).toBe(7);
});

test("an error keeps its message and its code on the way between threads", async () => {
  const pool = createPool();
  const error = await pool.call("run", "fail").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ message: "it failed", code: "TEMPORAL_TRIAL" });
  expect(error).toBeInstanceOf(TemporalError);
});

test("a run that does not yield fails with its stack, and its thread is replaced", async () => {
  const losses: LostThread[] = [];
  const pool = createPool({ deadlockTimeoutMs: 30, onLost: (lost) => losses.push(lost) });
  await pool.call("good", "count");
  const waiting = pool.call("good", "wait").catch((caught: unknown) => caught);
  const stuck = await pool.call("stuck", "loop", "stuck").catch((caught: unknown) => caught);

  expect(stuck).toBeInstanceOf(WorkflowDeadlockError);
  expect(String(stuck)).toContain(`Potential deadlock detected: workflow run "stuck" did not yield within 0.03 s`);
  expect(String(stuck)).toContain("spin");
  expect(await waiting).toBeInstanceOf(WorkflowThreadLostError);
  expect(losses).toMatchObject([{ cause: "deadlock", runId: "stuck" }]);
  expect(losses[0]?.runIds.toSorted()).toEqual(["good", "stuck"]);
  expect(await pool.call("good", "count")).toBe(1);
});

test("a run that exhausts the memory of its thread is named, and its thread is replaced", async () => {
  const losses: LostThread[] = [];
  const pool = createPool({ memoryMbMax: 16, deadlockTimeoutMs: 0, onLost: (lost) => losses.push(lost) });
  await pool.call("good", "count");
  const waiting = pool.call("good", "wait").catch((caught: unknown) => caught);
  await expect(pool.call("greedy", "exhaust", "greedy")).rejects.toThrow(WorkflowOutOfMemoryError);
  expect(await waiting).toBeInstanceOf(WorkflowThreadLostError);
  expect(losses).toMatchObject([{ cause: "outOfMemory", runId: "greedy" }]);
  expect(await pool.call("good", "count")).toBe(1);
});

test("a thread that crashes is replaced", async () => {
  const pool = createPool();
  await pool.call("run", "count");
  const waiting = pool.call("run", "wait").catch((caught: unknown) => caught);
  pool.notify("run", "crash");
  const error = await waiting;
  expect(error).toBeInstanceOf(WorkflowThreadLostError);
  expect(String(error)).toContain("crashed on purpose");
  expect(await pool.call("run", "count")).toBe(1);
});

test("a module that cannot be compiled fails every call and leaves the pool usable", async () => {
  const pool = createPool({ module: new URL("./no-such-module.ts", import.meta.url) });
  await expect(pool.call("run", "count")).rejects.toThrow("no-such-module");
  await expect(pool.call("run", "count")).rejects.toThrow("no-such-module");
});

test("a stopped pool asks its services to close, then refuses calls", async () => {
  let closed = 0;
  const pool = createPool({ host: { closed: () => void closed++ } });
  await pool.call("run", "count");
  const waiting = pool.call("run", "wait").catch((caught: unknown) => caught);
  await pool.stop("closing");
  expect(closed).toBe(1);
  expect(await waiting).toBeInstanceOf(WorkflowThreadsStoppedError);
  await expect(pool.call("run", "count")).rejects.toThrow(WorkflowThreadsStoppedError);
});
