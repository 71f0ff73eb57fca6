import { expect, test } from "vitest";
import { createLineLogger, type LogFormat, type LogLevel } from "./line-logger.ts";

function lines(level: LogLevel, format: LogFormat): readonly string[] {
  const written: string[] = [];
  const logger = createLineLogger({
    level,
    format,
    write: (line) => written.push(line),
    now: () => new Date(0),
  });
  logger.debug("fine detail");
  logger.warn('said "no"', { workflowId: "a b", tries: 3, none: undefined });
  logger.error("failed");
  return written;
}

test("lines below the level are left out", () => {
  expect(lines("error", "text")).toEqual(["time=1970-01-01T00:00:00.000Z level=ERROR msg=failed"]);
  expect(lines("never", "json")).toEqual([]);
  expect(lines("trace", "json")).toHaveLength(3);
});

test("attributes follow the message, quoted where needed", () => {
  expect(lines("warn", "text")[0]).toBe(
    'time=1970-01-01T00:00:00.000Z level=WARN msg="said \\"no\\"" workflowId="a b" tries=3',
  );
  expect(JSON.parse(lines("warn", "json")[0] ?? "")).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    level: "WARN",
    msg: 'said "no"',
    workflowId: "a b",
    tries: 3,
  });
});
