import { expect, test } from "vitest";
import { nextDeadlineMs } from "../deadline.ts";
import { command, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";

const cancelTimer = (timerId: string): ReturnType<typeof command> =>
  command("cancelTimerCommandAttributes", { timerId });

function withTimers(...timers: [string, number][]): ScriptedRun {
  const run = new ScriptedRun();
  run.start();
  run.run(...timers.map(([timerId, ms]) => startTimer(timerId, ms)));
  return run;
}

test("a timer fires when its time has come, and wakes the workflow", () => {
  const run = withTimers(["t", 1500]);
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 1500);
  run.advance(1499).tick();
  expect(run.events).toHaveLength(5);
  run.advance(1).tick();
  expect(run.types.slice(5)).toEqual(["TIMER_FIRED", "WORKFLOW_TASK_SCHEDULED"]);
  expect(run.last("timerFiredEventAttributes")).toMatchObject({ timerId: "t", startedEventId: 5 });
  run.expectConsistent();
});

test("timers that are due together fire in order of their time, then of their start", () => {
  const run = withTimers(["late", 300], ["second", 200], ["first", 200]);
  run.advance(1000).tick();
  const fired = run.events.flatMap(({ attributes }) =>
    attributes?.case === "timerFiredEventAttributes" ? [attributes.value.timerId] : [],
  );
  expect(fired).toEqual(["second", "first", "late"]);
  expect(run.types.filter((type) => type === "WORKFLOW_TASK_SCHEDULED")).toHaveLength(2);
});

test("a cancelled timer does not fire, and its id may be used again", () => {
  const run = withTimers(["t", 1000]);
  run.signal();
  run.run(cancelTimer("t"), startTimer("t", 5000));
  expect(run.last("timerCanceledEventAttributes")).toMatchObject({ timerId: "t", startedEventId: 5 });
  run.advance(2000).tick();
  expect(run.types).not.toContain("TIMER_FIRED");
  expect(run.state.timers.get("t")?.startedEventId).toBe(run.types.lastIndexOf("TIMER_STARTED") + 1);
  run.expectConsistent();
});

test("a timer whose firing the workflow has not seen yet is cancelled nevertheless", () => {
  const run = withTimers(["t", 1000]);
  run.signal();
  run.poll();
  run.advance(1000).tick();
  run.expectConsistent();
  run.complete([cancelTimer("t")]);
  expect(run.types).not.toContain("TIMER_FIRED");
  expect(run.types.at(-1)).toBe("TIMER_CANCELED");
  expect(run.state.workflowTask).toBeUndefined();
  run.expectConsistent();
});

test.each([
  [startTimer("", 1), "BadStartTimerAttributes: TimerId is not set on StartTimerCommand."],
  [
    startTimer("t", 1),
    "StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: t",
  ],
  [
    cancelTimer("none"),
    "BadCancelTimerAttributes: invalid history builder state for action: add-timer-canceled-event, TimerID: none",
  ],
])("the workflow task fails when a timer command cannot be carried out", (wrong, message) => {
  const run = withTimers(["t", 60_000]);
  run.signal();
  const reply = run.run(startTimer("other", 1), wrong);
  expect(reply.error?.message).toBe(message);
  expect(run.last("workflowTaskFailedEventAttributes").failure?.message).toBe(message);
  // Nothing that the other commands did is left.
  expect([...run.state.timers.keys()]).toEqual(["t"]);
  run.expectConsistent();
});
