import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EventType, WorkflowTaskFailedCause } from "../../src/proto/gen/enums.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import type { Activation, ActivationJob, WorkflowCommand } from "../../src/core/replay/activation.ts";
import { RunReplay } from "../../src/core/replay/run-replay.ts";
import { CoreFlag } from "../../src/core/replay/sdk-flags.ts";
import { type ReplayTask, type TaskOutcome, toReplayTask } from "../../src/core/replay/task.ts";
import { type Script, toScript } from "./history-echo.ts";
import { mutate, type Mutation } from "./mutations.ts";
import { readRecordedHistories } from "./recorded-histories.ts";

const histories = readRecordedHistories();

/** What the shared core made of the same histories and the same commands. */
type RecordedActivation = readonly [
  lastEventId: number,
  isReplaying: boolean,
  timestampMs: number,
  flags: readonly number[],
  jobs: readonly string[],
];
const recorded = JSON.parse(readFileSync(new URL("../histories/activations.json", import.meta.url), "utf8")) as Record<
  string,
  readonly RecordedActivation[]
>;

interface Replay {
  readonly run: RunReplay;
  readonly activations: readonly Activation[];
  readonly outcome: TaskOutcome | undefined;
}

function replay(
  task: ReplayTask,
  script: Script,
  fetchPage?: () => { readonly events: ReplayTask["events"]; readonly isLast: boolean },
): Replay {
  const run = new RunReplay({
    namespace: "default",
    workflowId: "w",
    runId: "r",
    taskQueue: "q",
    sdk: { name: "test", version: "1" },
  });
  run.feed(task);
  const answered = new Set<number>();
  const activations: Activation[] = [];
  for (;;) {
    if (run.missing !== undefined && fetchPage !== undefined) {
      const page = fetchPage();
      run.addPage(page.events, !page.isLast);
      continue;
    }
    const activation = run.nextActivation();
    if (activation === undefined && run.missing === undefined) break;
    if (activation === undefined) continue;
    activations.push(activation);
    const commands = answered.has(activation.historyLength) ? [] : (script.get(activation.historyLength) ?? []);
    answered.add(activation.historyLength);
    run.complete({ status: "completed", commands, usedFlags: [], versioningBehavior: 0 });
  }
  return { run, activations, outcome: run.takeOutcome() };
}

function toRow({ historyLength, isReplaying, timestampMs, availableFlags = [], jobs }: Activation): RecordedActivation {
  return [historyLength, isReplaying, timestampMs, availableFlags.toSorted((a, b) => a - b), jobs.map(toText)];
}

function toText(job: ActivationJob): string {
  const { kind } = job;
  if (kind === "initializeWorkflow") return `${kind} ${job.details.randomSeed}`;
  if (kind === "updateRandomSeed") return `${kind} ${job.seed}`;
  if (kind === "signalWorkflow") return `${kind} ${job.signalName}`;
  if (kind === "notifyHasPatch") return `${kind} ${job.patchId}`;
  if (kind === "doUpdate") return `${kind} ${job.update.protocolInstanceId}`;
  if (kind === "resolveActivity") return `${kind} ${job.seq} ${job.result.status}`;
  return "seq" in job ? `${kind} ${job.seq}` : kind;
}

test.each(histories)("$name replays as in the shared core when the code does what it did then", ({ name, events }) => {
  const { outcome, activations, run } = replay(toReplayTask(events), toScript(events));
  if (outcome?.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
  expect(outcome?.kind).toBe("nothing");
  expect(run.lastEventId).toBe(events.at(-1)?.eventId);
  const theirs = recorded[name] ?? [];
  const ours = activations.map(toRow);
  const jobsAlone = (rows: readonly RecordedActivation[]) => rows.flatMap(([, , , , jobs]) => jobs).toSorted();
  const compared = events.some(isEmptyTask) ? jobsAlone : mergeTasks;
  expect(compared(ours)).toEqual(compared(theirs));
});

/** The shared core joins a task that completed with nothing to the next one; here the code is told of each in its own time. */
function isEmptyTask({ eventType }: HistoryEvent, at: number, events: readonly HistoryEvent[]): boolean {
  return (
    eventType === EventType.WORKFLOW_TASK_COMPLETED && events[at + 1]?.eventType === EventType.WORKFLOW_TASK_SCHEDULED
  );
}

/** The shared core tells of all local activities of a task at once, in the order of their scheduling; here each comes in an activation of its own, as it did live. */
function mergeTasks(rows: readonly RecordedActivation[]): readonly RecordedActivation[] {
  const merged = new Map<number, RecordedActivation>();
  for (const [lastEventId, isReplaying, timestampMs, flags, jobs] of rows) {
    const before = merged.get(lastEventId)?.[4] ?? [];
    merged.set(lastEventId, [lastEventId, isReplaying, timestampMs, flags, [...before, ...jobs].toSorted()]);
  }
  return [...merged.values()];
}

test.each(histories)("$name gives the same activations whatever the pages it comes in", ({ events }) => {
  const script = toScript(events);
  const whole = replay(toReplayTask(events), script).activations;
  for (const size of [1, 2, 3, 7]) {
    let given = 0;
    const fetchPage = () => {
      given += size;
      return { events: events.slice(given - size, given), isLast: given >= events.length };
    };
    const paged = replay({ ...toReplayTask(events), events: [], hasMorePages: true }, script, fetchPage);
    expect(paged.outcome?.kind).toBe("nothing");
    expect(paged.activations).toEqual(whole);
  }
});

test.each(histories)("$name is refused when the code does one thing otherwise", ({ events }) => {
  const flags = new Set(
    events.flatMap(({ attributes }) =>
      attributes?.case === "workflowTaskCompletedEventAttributes"
        ? (attributes.value.sdkMetadata?.coreUsedFlags ?? [])
        : [],
    ),
  );
  const accepted = mutate(toScript(events)).filter(({ script }) => {
    const { outcome } = replay(toReplayTask(events), script);
    if (outcome?.kind !== "failed") return true;
    expect(outcome.error?.code).toBe("TEMPORAL_NONDETERMINISM");
    expect(outcome.cause).toBe(WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR);
    return false;
  });
  expect(accepted.filter((mutation) => !leavesNoTrace(mutation, flags, events)).map(({ name }) => name)).toEqual([]);
});

/** The shared core does not see these changes either (tried with each of them). */
function leavesNoTrace(
  { change, commands }: Mutation,
  flags: ReadonlySet<number>,
  events: readonly HistoryEvent[],
): boolean {
  const endsWorkflow = commands.some(({ kind }) => ends.has(kind));
  // Before the flag, what the code did after it had ended the workflow was dropped.
  if (change === "extra") return !flags.has(CoreFlag.moveTerminalCommands) && endsWorkflow;
  // A local activity's marker is matched by number, and the command that ends the workflow goes last anyway.
  if (change === "swap") return endsWorkflow || commands.some(({ kind }) => kind === "scheduleLocalActivity");
  // Before the flag nobody checked; and a timer's number is checked when it fires.
  return (
    change === "rename" &&
    (!flags.has(CoreFlag.idAndTypeChecks) ||
      commands.some((command) => command.kind === "startTimer" && !fires(command.seq, events)))
  );
}

const ends: ReadonlySet<WorkflowCommand["kind"]> = new Set([
  "completeWorkflow",
  "failWorkflow",
  "cancelWorkflow",
  "continueAsNew",
]);

function fires(seq: number, events: readonly HistoryEvent[]): boolean {
  return events.some(
    ({ attributes }) => attributes?.case === "timerFiredEventAttributes" && attributes.value.timerId === String(seq),
  );
}
