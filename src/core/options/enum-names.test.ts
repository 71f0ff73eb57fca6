import { expect, test } from "vitest";
import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { enumNames } from "./enum-names.ts";

const statuses = enumNames({ running: "running", timedOut: "timedOut" }, WorkflowExecutionStatus);

test("a name has the number of the API's value that is spelt like it", () => {
  expect(statuses.toCode("running")).toBe(WorkflowExecutionStatus.RUNNING);
  expect(statuses.toCode("timedOut")).toBe(WorkflowExecutionStatus.TIMED_OUT);
});

test("a number has its name, and none where there is none for it", () => {
  expect(statuses.toName(WorkflowExecutionStatus.TIMED_OUT)).toBe("timedOut");
  expect(statuses.toName(WorkflowExecutionStatus.PAUSED)).toBeUndefined();
  expect(statuses.toName(4711)).toBeUndefined();
});

test("a name that the API does not know does not compile", () => {
  // @ts-expect-error -- There is no value RUNNIN.
  expect(enumNames({ runnin: "runnin" }, WorkflowExecutionStatus).toCode("runnin")).toBeUndefined();
});
