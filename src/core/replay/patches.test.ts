import { expect, test } from "vitest";
import type { WorkflowCommand } from "./activation.ts";
import { commands, drive, jobKinds, newRun, TestHistory, toCompletion, toFailure } from "./history.test-support.ts";
import { toJsonPayload, toUtf8 } from "./json-payload.ts";
import { CHANGE_VERSION_ATTRIBUTE } from "./machines/patch.ts";
import { PATCH_MARKER, toPatchDetails } from "./markers.ts";

/** A first task that left a patch's marker, or none, then a timer; the timer has fired. */
function history(
  markers: readonly { readonly patchId: string; readonly deprecated?: boolean; readonly upserts?: boolean }[],
  flags = [1, 2, 3],
): TestHistory {
  const built = new TestHistory().start();
  built.complete(flags);
  for (const { patchId, deprecated = false, upserts = true } of markers) {
    built.add("markerRecorded", { markerName: PATCH_MARKER, details: toPatchDetails({ patchId, deprecated }) });
    if (upserts)
      built.add("upsertWorkflowSearchAttributes", {
        searchAttributes: { indexedFields: { [CHANGE_VERSION_ATTRIBUTE]: toJsonPayload([patchId]) } },
      });
  }
  const startedEventId = built.add("timerStarted", { timerId: "1" });
  built.add("timerFired", { timerId: "1", startedEventId });
  return built.task();
}

function replay(built: TestHistory, ...first: readonly WorkflowCommand[]) {
  const run = newRun();
  run.feed(built.toTask());
  return drive(run, first, [commands.complete]);
}

test("live, a patch records its marker and lists itself in a search attribute, once", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const { outcome } = drive(run, [commands.patch("b"), commands.patch("a", true), commands.patch("b")]);
  const sent = toCompletion(outcome).commands.map(({ attributes }) => attributes?.value);
  const listed = (ids: readonly string[]) => {
    const payload = toJsonPayload(ids);
    return {
      searchAttributes: {
        indexedFields: {
          [CHANGE_VERSION_ATTRIBUTE]: { ...payload, metadata: { ...payload.metadata, type: toUtf8("KeywordList") } },
        },
      },
    };
  };
  expect(sent).toEqual([
    {
      markerName: "core_patch",
      details: { "patch-data": { payloads: [toJsonPayload({ id: "b", deprecated: false })] } },
    },
    listed(["b"]),
    {
      markerName: "core_patch",
      details: { "patch-data": { payloads: [toJsonPayload({ id: "a", deprecated: true })] } },
    },
    listed(["a", "b"]),
  ]);
});

test("a list of patches too long for a search attribute is not upserted", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const { outcome } = drive(run, [commands.patch("x".repeat(3000))]);
  expect(toCompletion(outcome).commands).toHaveLength(1);
});

test("the code cannot write the list of patches itself, though its command stays", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const { outcome } = drive(run, [
    { kind: "upsertSearchAttributes", searchAttributes: { [CHANGE_VERSION_ATTRIBUTE]: toJsonPayload(["mine"]) } },
  ]);
  expect(toCompletion(outcome).commands.map(({ attributes }) => attributes?.value)).toEqual([
    { searchAttributes: { indexedFields: {} } },
  ]);
});

test.each([
  ["marker, patched", [{ patchId: "p" }], [commands.patch("p")], true],
  ["marker, deprecated call", [{ patchId: "p" }], [commands.patch("p", true)], true],
  ["marker, no call", [{ patchId: "p" }], [], false],
  ["marker, another call", [{ patchId: "p" }], [commands.patch("q")], false],
  ["deprecated marker, patched", [{ patchId: "p", deprecated: true }], [commands.patch("p")], true],
  ["deprecated marker, deprecated call", [{ patchId: "p", deprecated: true }], [commands.patch("p", true)], true],
  ["deprecated marker, no call", [{ patchId: "p", deprecated: true }], [], true],
  [
    "deprecated marker, another call",
    [{ patchId: "p", deprecated: true }, { patchId: "q" }],
    [commands.patch("q")],
    true,
  ],
  ["no marker, no call", [], [], true],
  ["no marker, deprecated call", [], [commands.patch("p", true)], true],
  ["no marker, patched", [], [commands.patch("p")], true],
] as const)("history against code: %s", (_, markers, calls, replays) => {
  const { activations, outcome } = replay(history(markers), ...calls, commands.timer(1));
  expect(outcome?.kind).toBe(replays ? "completed" : "failed");
  expect(activations[0]?.jobs.flatMap((job) => (job.kind === "notifyHasPatch" ? [job.patchId] : []))).toEqual(
    markers.map(({ patchId }) => patchId),
  );
});

test("a call that replay had no marker for is not recorded later either", () => {
  const built = new TestHistory().start();
  built.complete();
  const run = newRun();
  built.add("workflowExecutionSignaled", { signalName: "go" });
  run.feed(built.task().toTask());
  const { outcome } = drive(run, [commands.patch("p")]);
  expect(toCompletion(outcome).commands).toEqual([]);
});

test("a missing call is explained", () => {
  const { outcome } = replay(history([{ patchId: "p" }]), commands.timer(1));
  const { error } = toFailure(outcome);
  expect(error?.message).toBe(
    'Cannot replay event 5 (MarkerRecorded of type "core_patch"): history has patch "p", but the code has no call of patched("p") or deprecatePatch("p") here',
  );
  expect(error).toMatchObject({
    details: {
      reason: "missingCommand",
      eventId: 5,
      eventType: "MarkerRecorded",
      command: { kind: "startTimer", id: "1" },
    },
  });
});

test("a history from before the flag has no search attribute, and replay issues none", () => {
  const { activations, outcome } = replay(
    history([{ patchId: "p", upserts: false }], [1]),
    commands.patch("p"),
    commands.timer(1),
  );
  expect(outcome?.kind).toBe("completed");
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow", "notifyHasPatch"], ["fireTimer"]]);
});
