import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { WorkflowHistory } from "../../src/client/index.ts";
import { NondeterminismError } from "../../src/core/errors.ts";
import { bundleWorkflows } from "../../src/worker/sandbox/bundle.ts";
import { Replayer } from "../../src/worker/replayer.ts";
import { createWorld } from "../../src/worker/e2e/world.test-support.ts";
import { breaking, type Edit, harmless } from "./mutated/edits.ts";
import { Order, Ship } from "./mutated/order.workflows.ts";

const source = readFileSync(new URL("./mutated/order.workflows.ts", import.meta.url), "utf8");
const root = realpathSync(mkdtempSync(join(tmpdir(), "perdure-edits-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The history of a run of the code as it stands. */
async function record(): Promise<WorkflowHistory> {
  const world = await createWorld();
  const answer = (what: string) => (): string => what;
  await world.createWorker({
    workflows: [Order, Ship],
    activities: { reserve: answer("reserved"), price: answer("7"), bill: answer("billed"), record: answer("") },
  });
  const handle = await world.client.startWorkflow(Order, { args: ["o1"], id: "order", taskQueue: "q" });
  await world.until(handle.executeUpdate("change"));
  await world.until(handle.executeUpdate("priced"));
  await handle.signal("approve");
  expect(await world.until(handle.result())).toBe("reserved 7 shipped o1 billed 1");
  return handle.fetchHistory();
}

let edits = 0;

async function replay(history: WorkflowHistory, { name, from, to }: Edit): Promise<Error | undefined> {
  if (!source.includes(from)) throw new Error(`Cannot edit the workflow for "${name}": it has no such lines`);
  const folder = join(root, String(++edits));
  mkdirSync(folder);
  writeFileSync(
    join(folder, "order.workflows.ts"),
    source.replace(from, () => to),
  );
  const bundle = await bundleWorkflows({ modules: ["order.workflows.ts"], workingDirectory: folder });
  await using replayer = await Replayer.create({
    workflows: [Order, Ship],
    workflowRunner: { kind: "sandboxed", bundle },
    debugMode: true,
  });
  return (await replayer.replayWorkflow(history, { raiseOnFailure: false })).replayFailure;
}

let history: WorkflowHistory;
const messages: string[] = [];

test("a run of every sort of step is recorded", async () => {
  history = await record();
  expect(history.events.length).toBeGreaterThan(50);
});

test.each(breaking)("$name is caught, with event, history, code and line", async (edit) => {
  const failure = await replay(history, edit);
  expect(failure).toBeInstanceOf(NondeterminismError);
  expect(failure?.message).toMatch(
    /^\[TMPRL1100\] Cannot replay event \d+ \(\w+.*\): .*the code .*, at order\.workflows\.ts:\d+:\d+$/,
  );
  messages.push(
    `${edit.name}: ${String(failure?.message)
      .replace(/^.*Cannot replay /, "")
      .replace(/"[\da-f-]{36}"/, "(id)")}`,
  );
});

test.each(harmless)("$name is not caught", async (edit) => {
  expect(await replay(history, edit)).toBeUndefined();
});

test("what is said of each edit", () => {
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "an activity added first: event 5 (ActivityTaskScheduled "1" of type "reserve"): history has activity type "reserve", the code scheduled activity type "check", at order.workflows.ts:18:20
    an activity added in the middle: event 37 (MarkerRecorded of type "core_patch"): history has patch "discount", but the code has no call of patched("discount") or deprecatePatch("discount") here, at order.workflows.ts:22:74
    an activity removed: event 5 (ActivityTaskScheduled "1" of type "reserve"): the code issued startTimer "1" instead, at order.workflows.ts:19:20
    the last activity removed: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued completeWorkflow instead, at order.workflows.ts:26:34
    an activity's type changed: event 5 (ActivityTaskScheduled "1" of type "reserve"): history has activity type "reserve", the code scheduled activity type "hold", at order.workflows.ts:18:34
    an activity's id changed: event 5 (ActivityTaskScheduled "1" of type "reserve"): history has activity id "1", the code scheduled activity id "mine" (type "reserve"), at order.workflows.ts:18:34
    an activity made local: event 5 (ActivityTaskScheduled "1" of type "reserve"): the code issued no command for it, at order.workflows.ts:18:34
    a local activity made remote: event 31 (MarkerRecorded of type "core_local_activity"): the code ran no local activity number 3 (id "3", type "price"), at order.workflows.ts:47:20
    a local activity's type changed: event 31 (MarkerRecorded of type "core_local_activity"): history has local activity type "price", the code ran local activity type "cost", at order.workflows.ts:22:20
    a local activity removed: event 31 (MarkerRecorded of type "core_local_activity"): the code ran no local activity number 3 (id "3", type "price"), at order.workflows.ts:22:20
    a local activity added: event 32 (WorkflowExecutionUpdateCompleted (id)): the code issued no command for it, at order.workflows.ts:47:20
    a timer added: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued startTimer "2" instead, at order.workflows.ts:29:20
    a timer removed: event 16 (TimerStarted "1"): the code issued no command for it, at order.workflows.ts:20:34
    a timer given up at once: event 22 (WorkflowExecutionUpdateCompleted (id)): the code issued startTimer "2" instead, at order.workflows.ts:19:68
    a timer and an activity reordered: event 5 (ActivityTaskScheduled "1" of type "reserve"): the code issued startTimer "1" instead, at order.workflows.ts:18:20
    two steps made parallel: event 5 (ActivityTaskScheduled "1" of type "reserve"): the code issued startTimer "1" instead, at order.workflows.ts:18:30
    a child removed: event 40 (StartChildWorkflowExecutionInitiated "ship-o1" of type "Ship"): the code issued scheduleActivity "4" of type "bill" instead, at order.workflows.ts:27:33
    a child's type changed: event 40 (StartChildWorkflowExecutionInitiated "ship-o1" of type "Ship"): history has child workflow type "Ship", the code started child workflow type "Carry", at order.workflows.ts:26:34
    a child's id changed: event 40 (StartChildWorkflowExecutionInitiated "ship-o1" of type "Ship"): history has child workflow id "ship-o1", the code started child workflow id "send-o1" (type "Ship"), at order.workflows.ts:26:34
    a signal to a child removed: event 45 (SignalExternalWorkflowExecutionInitiated "ship-o1" of type "hurry"): the code issued no command for it, at order.workflows.ts:26:34
    a signal to a child sent twice: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued signalExternalWorkflow "ship-o1" of type "hurry" instead, at order.workflows.ts:27:46
    a patch removed with its call: event 37 (MarkerRecorded of type "core_patch"): history has patch "discount", but the code has no call of patched("discount") or deprecatePatch("discount") here, at order.workflows.ts:24:16
    a patch's id changed: event 37 (MarkerRecorded of type "core_patch"): history has patch "discount", but the code has no call of patched("discount") or deprecatePatch("discount") here, at order.workflows.ts:26:34
    a memo no longer changed: event 39 (WorkflowPropertiesModified): the code issued startChildWorkflow "ship-o1" of type "Ship" instead, at order.workflows.ts:26:34
    a memo changed where it was not: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued modifyProperties instead, at order.workflows.ts:29:14
    search attributes changed where they were not: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued upsertSearchAttributes instead, at order.workflows.ts:29:14
    a condition dropped: event 32 (WorkflowExecutionUpdateCompleted (id)): the code issued startChildWorkflow "ship-o1" of type "Ship" instead, at order.workflows.ts:26:34
    a condition that is met later: event 37 (MarkerRecorded of type "core_patch"): history has patch "discount", but the code has no call of patched("discount") or deprecatePatch("discount") here, at order.workflows.ts:22:20
    an end too early: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued completeWorkflow instead, at order.workflows.ts:26:34
    continue-as-new in place of a step: event 54 (ActivityTaskScheduled "4" of type "bill"): the code issued continueAsNew instead, at order.workflows.ts:26:34
    an update's activity removed: event 10 (ActivityTaskScheduled "2" of type "record"): the code issued updateResponse (id) instead, at order.workflows.ts:18:34
    an update's activity added: event 22 (WorkflowExecutionUpdateCompleted (id)): the code issued scheduleActivity "3" of type "record" instead, at order.workflows.ts:40:71
    a branch on whether history is replayed: event 31 (MarkerRecorded of type "core_local_activity"): the code ran no local activity number 3 (id "3", type "price"), at order.workflows.ts:47:20"
  `);
});
