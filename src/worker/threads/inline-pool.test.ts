import { expect, test } from "vitest";
import { InlinePool } from "./inline-pool.ts";
import { WorkflowThreadsStoppedError } from "./thread-error.ts";
import { createService } from "./trial.test-support.ts";

test("a service in line answers, asks its host and is asked to close like one in a thread", async () => {
  let closed = 0;
  const told: number[] = [];
  const host = {
    double: (value: number) => value * 2,
    tell: (value: number) => told.push(value),
    closed: () => void closed++,
  };
  const pool = new InlinePool({ createService, init: { greeting: "Hello" }, host });
  pool.notify("run", "tellHost", "tell", 1);
  expect(await pool.call("run", "greet", "Ada")).toBe("Hello, Ada");
  expect(await pool.call("run", "askHost", "double", 21)).toBe(42);
  expect([await pool.call("run", "count"), await pool.call("other", "count")]).toEqual([1, 2]);
  pool.notify("run", "tellHost", "tell", 2);
  expect(pool.runCount).toBe(2);
  pool.release("run");
  expect(pool.runCount).toBe(1);
  expect(told).toEqual([2]);
  await expect(pool.call("run", "nothing")).rejects.toThrow(`Cannot call "nothing"`);
  await pool.stop("closing");
  await pool.stop("closing");
  expect(closed).toBe(1);
  await expect(pool.call("run", "count")).rejects.toThrow(WorkflowThreadsStoppedError);
});
