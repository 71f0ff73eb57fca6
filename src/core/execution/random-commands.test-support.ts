import * as fc from "fast-check";
import type { Command } from "../../proto/gen/command.ts";
import type { Init } from "../../proto/message.ts";
import { toDuration } from "./duration.ts";
import { command, completeRun, scheduleActivity, type ScriptedRun, startTimer } from "./scripted-run.test-support.ts";

/** Small ids, so that they meet again. */
export const id = fc.integer({ min: 0, max: 3 }).map(String);
const ms = fc.constantFrom(0, 1, 500, 1000, 5000, 20_000);
const rarely = fc.constantFrom(0, 0, 500, 500, 20_000);

/** Commands are made when it is known what they can refer to, so that most of them are legal. */
type Make = (run: ScriptedRun, chosen: Set<string>) => Init<Command> | undefined;

const anyCommand: fc.Arbitrary<Make> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(id, ms).map(
      ([timerId, after]): Make =>
        (run, chosen) =>
          fresh(run.state.timers, timerId, chosen, () => startTimer(timerId, after)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (pick): Make =>
        (run, chosen) =>
          onOne(knownTimers(run), pick, chosen, "c", (timerId) => command("cancelTimerCommandAttributes", { timerId })),
    ),
  },
  {
    weight: 9,
    arbitrary: fc.tuple(id, ms, ms, fc.boolean()).map(
      ([activityId, close, beat, requestEagerExecution]): Make =>
        (run, chosen) =>
          fresh(run.state.activityIds, `a${activityId}`, chosen, () =>
            scheduleActivity(`a${activityId}`, {
              scheduleToCloseTimeout: toDuration(close * 4),
              heartbeatTimeout: toDuration(beat),
              requestEagerExecution,
              retryPolicy: { maximumAttempts: 4, initialInterval: toDuration(1000) },
            }),
          ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.nat().map((pick): Make => (run, chosen) => {
      const uncanceled = [...run.state.activities.values()].filter(
        ({ cancelRequestedEventId }) => cancelRequestedEventId === 0,
      );
      const ids = uncanceled.map(({ scheduledEventId }) => scheduledEventId);
      return onOne(ids, pick, chosen, "r", (scheduledEventId) =>
        command("requestCancelActivityTaskCommandAttributes", { scheduledEventId }),
      );
    }),
  },
  {
    weight: 7,
    arbitrary: fc.tuple(rarely, rarely, rarely).map(
      ([close, start, run]): Make =>
        () =>
          command("scheduleNexusOperationCommandAttributes", {
            endpoint: "e",
            service: "s",
            operation: "o",
            scheduleToCloseTimeout: toDuration(close * 4),
            scheduleToStartTimeout: toDuration(start),
            startToCloseTimeout: toDuration(run),
          }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map((pick): Make => (run, chosen) => {
      const ids = [...run.state.nexusOperations.values()]
        .filter(({ cancel }) => cancel === undefined)
        .map(({ scheduledEventId }) => scheduledEventId);
      return onOne(ids, pick, chosen, "n", (scheduledEventId) =>
        command("requestCancelNexusOperationCommandAttributes", { scheduledEventId }),
      );
    }),
  },
  ...[
    command("recordMarkerCommandAttributes", { markerName: "m" }),
    command("startChildWorkflowExecutionCommandAttributes", {
      workflowId: "kid",
      workflowType: { name: "Child" },
    }),
    command("startChildWorkflowExecutionCommandAttributes", {
      workflowId: "kid",
      workflowType: { name: "Child" },
      parentClosePolicy: 2,
    }),
    command("signalExternalWorkflowExecutionCommandAttributes", {
      execution: { workflowId: "other" },
      signalName: "s",
    }),
    command("requestCancelExternalWorkflowExecutionCommandAttributes", { workflowId: "other" }),
    command("modifyWorkflowPropertiesCommandAttributes", {
      upsertedMemo: { fields: { key: { data: new Uint8Array([1]) } } },
    }),
    command("upsertWorkflowSearchAttributesCommandAttributes", {
      searchAttributes: { indexedFields: { key: { data: new Uint8Array([1]) } } },
    }),
  ].map((each) => ({ weight: 1, arbitrary: fc.constant<Make>(() => each) })),
  {
    weight: 1,
    arbitrary: fc.constantFrom<Make>(
      ...[startTimer("", 1), startTimer("1", 1), command("cancelTimerCommandAttributes", { timerId: "1" })].map(
        (each) => () => each,
      ),
    ),
  },
);

function fresh(
  known: ReadonlyMap<string, unknown>,
  key: string,
  chosen: Set<string>,
  make: () => Init<Command>,
): Init<Command> | undefined {
  if (known.has(key) || chosen.has(key)) return undefined;
  chosen.add(key);
  return make();
}

function onOne<T>(
  among: readonly T[],
  pick: number,
  chosen: Set<string>,
  prefix: string,
  make: (one: T) => Init<Command>,
): Init<Command> | undefined {
  const one = among[pick % Math.max(1, among.length)];
  if (one === undefined || chosen.has(prefix + String(one))) return undefined;
  chosen.add(prefix + String(one));
  return make(one);
}

/** Timers that run, and those that have fired but wait in the buffer. */
function knownTimers({ state }: ScriptedRun): string[] {
  const fired = state.buffered.flatMap(({ event: { attributes } }) =>
    attributes?.case === "timerFiredEventAttributes" ? [attributes.value.timerId] : [],
  );
  return [...state.timers.keys(), ...fired];
}

const closing: fc.Arbitrary<Make> = fc.constantFrom(
  ...[
    completeRun,
    command("failWorkflowExecutionCommandAttributes", { failure: { message: "no" } }),
    command("cancelWorkflowExecutionCommandAttributes", {}),
    command("continueAsNewWorkflowExecutionCommandAttributes", {}),
  ].map(
    (each): Make =>
      () =>
        each,
  ),
);

/** What a worker may answer a workflow task with. */
export const commands = fc
  .tuple(
    fc.array(anyCommand, { maxLength: 4 }),
    fc.oneof({ weight: 60, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: closing }),
  )
  .map(([some, last]) => (run: ScriptedRun): Init<Command>[] => {
    const chosen = new Set<string>();
    return (last === undefined ? some : [...some, last]).flatMap((make) => make(run, chosen) ?? []);
  });
