import { afterAll, beforeAll, expect, test } from "vitest";
import { WorkflowHistory } from "../../src/client/index.ts";
import { EventType$names } from "../../src/proto/gen/enums.ts";
import { Replayer } from "../../src/worker/replayer.ts";
import type { WorkflowClass } from "../../src/worker/worker-options.ts";
import * as core from "./ported/core.workflows.ts";
import * as dotnet from "./ported/dotnet.workflows.ts";
import * as older from "./ported/older.workflows.ts";
import * as python from "./ported/python.workflows.ts";
import * as tracing from "./ported/tracing.workflows.ts";
import * as typescript from "./ported/typescript.workflows.ts";
import { readRecordedHistories, type RecordedHistory } from "./recorded-histories.ts";

/** The workflows that recorded the histories, written anew, by the folder of the histories. */
const ported: Readonly<Record<string, readonly WorkflowClass[]>> = {
  core: [...Object.values(core), python.SayHelloWorkflow],
  python: [...Object.values(python), ...Object.values(tracing)],
  typescript: Object.values(typescript),
  dotnet: Object.values(dotnet),
  older: Object.values(older),
};

/** Recorded by versions of an SDK that did the same things in another order. */
const recordedByOlder = new Set([
  "typescript/otel_smorgasbord_1_13_1.json",
  "typescript/signal_workflow_1_13_1.json",
  "typescript/otel_1_13_1.json",
  "typescript/lang_flags_replay_correctly_1_9_3.json",
  "dotnet/update-after-complete.post-dotnet-flag.json",
]);

/** Histories that no workflow leads to, and what is said of them. */
const refused: Readonly<Record<string, string>> = {
  "core/evict_while_la_running_no_interference-23_history.bin":
    'Cannot replay event 25 (ActivityTaskScheduled "2" of type "delay"): the code issued completeWorkflow instead',
  "python/test_replayer_nondeterministic_history.json":
    'Cannot replay event 5 (ActivityTaskScheduled "1" of type "say_hello"): the code issued startTimer "1" instead',
  "dotnet/replayer-test.nondeterministic.json":
    'Cannot replay event 5 (ActivityTaskScheduled "1" of type "SayHello"): the code issued startTimer "1" instead',
};

/** A timer that no SDK would number so: these were recorded by commands made by hand. */
const madeByHand = new Set(["core/fail_wf_task.bin", "core/timer_workflow_history.bin"]);

const histories = readRecordedHistories().filter(({ name }) => !madeByHand.has(name));
const followed = histories.filter(({ name }) => refused[name] === undefined);
const replayers = new Map<string, Replayer>();

beforeAll(async () => {
  for (const [folder, workflows] of Object.entries(ported)) replayers.set(folder, await Replayer.create({ workflows }));
});

afterAll(async () => {
  for (const replayer of replayers.values()) await replayer[Symbol.asyncDispose]();
});

async function replay({ name, events }: RecordedHistory): Promise<Error | undefined> {
  const folder = recordedByOlder.has(name) ? "older" : (name.split("/")[0] ?? "");
  const result = await replayers.get(folder)?.replayWorkflow(new WorkflowHistory("ported", events), {
    raiseOnFailure: false,
  });
  if (result === undefined) throw new Error(`nobody replays "${folder}"`);
  return result.replayFailure;
}

test.each(followed)("$name replays with the workflow ported to this SDK", async (history) => {
  expect(await replay(history)).toBeUndefined();
});

test.each(histories.filter(({ name }) => refused[name] !== undefined))(
  "$name is refused with the place where history and code part",
  async (history) => {
    const failure = await replay(history);
    expect(failure?.name).toBe("NondeterminismError");
    expect(failure?.message).toContain(refused[history.name]);
  },
);

test("the ported workflows replay histories of every event type that the recorded ones hold", () => {
  const counted = countEvents(followed);
  expect([...counted.keys()].toSorted()).toEqual([...countEvents(readRecordedHistories()).keys()].toSorted());
  expect(table(counted)).toMatchInlineSnapshot(`
    "ACTIVITY_TASK_CANCELED 2
    ACTIVITY_TASK_CANCEL_REQUESTED 2
    ACTIVITY_TASK_COMPLETED 26
    ACTIVITY_TASK_SCHEDULED 28
    ACTIVITY_TASK_STARTED 28
    CHILD_WORKFLOW_EXECUTION_COMPLETED 6
    CHILD_WORKFLOW_EXECUTION_STARTED 6
    EXTERNAL_WORKFLOW_EXECUTION_SIGNALED 5
    MARKER_RECORDED 19
    SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED 5
    START_CHILD_WORKFLOW_EXECUTION_INITIATED 6
    TIMER_CANCELED 2
    TIMER_FIRED 13
    TIMER_STARTED 16
    UPSERT_WORKFLOW_SEARCH_ATTRIBUTES 1
    WORKFLOW_EXECUTION_CANCELED 1
    WORKFLOW_EXECUTION_CANCEL_REQUESTED 2
    WORKFLOW_EXECUTION_COMPLETED 43
    WORKFLOW_EXECUTION_FAILED 3
    WORKFLOW_EXECUTION_SIGNALED 22
    WORKFLOW_EXECUTION_STARTED 51
    WORKFLOW_EXECUTION_UPDATE_ACCEPTED 14
    WORKFLOW_EXECUTION_UPDATE_COMPLETED 11
    WORKFLOW_TASK_COMPLETED 51
    WORKFLOW_TASK_FAILED 2
    WORKFLOW_TASK_SCHEDULED 51
    WORKFLOW_TASK_STARTED 51
    WORKFLOW_TASK_TIMED_OUT 2"
  `);
});

/** How many histories hold each type of event. */
function countEvents(counted: readonly RecordedHistory[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { events } of counted) {
    for (const type of new Set(events.map(({ eventType }) => EventType$names[eventType] ?? String(eventType)))) {
      const name = type.replace("EVENT_TYPE_", "");
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

function table(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join("\n");
}
