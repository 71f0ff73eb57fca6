import { expect, test } from "vitest";
import type { WorkflowCommand } from "../../core/replay/activation.ts";
import * as workflow from "../../workflow.ts";
import { initialize, kinds, signalJob, WorkflowDriver } from "../../../test/support/workflow-driver.ts";

/** The groups of each command. */
function groupsOf(commands: readonly WorkflowCommand[]): string[] {
  return commands.map(({ kind, eventGroupMarkers = [] }) => {
    const names = eventGroupMarkers.map(({ variant }) => {
      if (variant?.case === "label") return variant.value.id;
      return variant?.case === "inboundEvent" ? `event ${variant.value.inboundEventId}` : "update";
    });
    return [kind, ...names].join(" ");
  });
}

function workflowOf(code: () => Promise<unknown>, onSignal: () => unknown = () => undefined): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
    @workflow.signal
    async set(): Promise<void> {
      await onSignal();
    }
  }
  return new WorkflowDriver(Test);
}

test("code started in a group stays in it, and what follows does not", async () => {
  const driver = workflowOf(async () => {
    const group = workflow.createEventGroup("a");
    const started = group.run(async () => {
      await workflow.sleep(1);
      workflow.upsertMemo({ a: 1 });
    });
    workflow.upsertMemo({ b: 1 });
    await started;
    workflow.patched("p");
    await workflow.sleep(1, { eventGroups: [workflow.createEventGroup("b"), group] });
    return group.run(() => workflow.continueAsNew({ eventGroups: [workflow.createEventGroup("c")] }));
  });
  expect(groupsOf(await driver.commands(initialize()))).toEqual(["startTimer a", "modifyProperties"]);
  expect(groupsOf(await driver.commands({ kind: "fireTimer", seq: 1 }))).toEqual([
    "modifyProperties a",
    "setPatchMarker",
    "startTimer b a",
  ]);
  expect(groupsOf(await driver.commands({ kind: "fireTimer", seq: 2 }))).toEqual(["continueAsNew a c"]);
});

test("a signal's handler is in the group of the signal alone, wherever it was set, and its queries in none", async () => {
  const driver = workflowOf(
    () => workflow.createEventGroup("a").run(() => workflow.sleep(1)),
    () => workflow.sleep(2),
  );
  await driver.commands(initialize());
  expect(groupsOf(await driver.commands({ ...signalJob("set"), eventId: 5 } as never))).toEqual(["startTimer event 5"]);
});

test("a group needs an id, and a label that says something", async () => {
  const errors: string[] = [];
  const driver = workflowOf(async () => {
    for (const make of [
      () => workflow.createEventGroup(""),
      () => workflow.createEventGroup("a", { label: "" }),
      () => workflow.sleep(1, { eventGroups: [{ id: "a" } as workflow.EventGroup] }),
    ]) {
      try {
        await make();
      } catch (error) {
        errors.push(String(error));
      }
    }
  });
  expect(kinds(await driver.commands(initialize()))).toEqual(["completeWorkflow"]);
  expect(errors).toEqual([
    expect.stringContaining("found an empty id"),
    expect.stringContaining("found an empty label"),
    expect.stringContaining("expected one that createEventGroup made"),
  ]);
});
