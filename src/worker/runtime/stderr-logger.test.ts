import { expect, test } from "vitest";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { createStderrLogger } from "./stderr-logger.ts";

function setUp(level?: "debug") {
  const lines: string[] = [];
  const clock = new VirtualClock(Date.UTC(2026, 0, 2));
  return { lines, logger: createStderrLogger({ clock, write: (line) => lines.push(line), ...(level && { level }) }) };
}

test("a line has time, level, message and attributes", () => {
  const { lines, logger } = setUp();
  logger.info("Worker started", { taskQueue: "q", note: "two words", count: 3, absent: undefined });
  expect(lines).toEqual([`2026-01-02T00:00:00.000Z INFO Worker started taskQueue=q note="two words" count=3\n`]);
});

test("lines below the level are dropped", () => {
  const quiet = setUp();
  quiet.logger.debug("hidden");
  expect(quiet.lines).toEqual([]);
  const loud = setUp("debug");
  loud.logger.debug("shown");
  expect(loud.lines).toHaveLength(1);
});

test("of an error the stack and its causes are shown, not what it carries", () => {
  const { lines, logger } = setUp();
  const error = new ApplicationError("it failed", { details: ["a secret"], cause: new Error("the root") });
  logger.warn("Activity failed", { error });
  expect(lines[0]).toContain("it failed");
  expect(lines[0]).toContain("caused by Error: the root");
  expect(lines[0]).not.toContain("a secret");
});
