import * as fc from "fast-check";
import type { Command } from "../../proto/gen/command.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { Acceptance, Rejection, Request, Response } from "../../proto/gen/update.ts";
import {
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
  SignalWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { ExecutionRequest } from "./contract.ts";
import { nextDeadlineMs } from "./deadline.ts";
import { toDuration } from "./duration.ts";
import {
  command,
  completeRun,
  scheduleActivity,
  type ScriptedRun,
  startTimer,
} from "./scripted-run.test-support.ts";

/** Small ids, so that they meet again. */
const id = fc.integer({ min: 0, max: 3 }).map(String);
const ms = fc.constantFrom(0, 1, 500, 1000, 5000, 20_000);

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
          onOne(knownTimers(run), pick, chosen, "c", (timerId) =>
            command("cancelTimerCommandAttributes", { timerId }),
          ),
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
      ...[
        startTimer("", 1),
        startTimer("1", 1),
        command("cancelTimerCommandAttributes", { timerId: "1" }),
      ].map((each) => () => each),
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

const commands = fc
  .tuple(
    fc.array(anyCommand, { maxLength: 4 }),
    fc.oneof({ weight: 60, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: closing }),
  )
  .map(([some, last]) => (run: ScriptedRun): Init<Command>[] => {
    const chosen = new Set<string>();
    return (last === undefined ? some : [...some, last]).flatMap((make) => make(run, chosen) ?? []);
  });

/** Asks something of a run. */
export type Move = (run: ScriptedRun, attempt: (request: ExecutionRequest) => void) => void;

function named(name: string, move: Move): Move & { toString(): string } {
  return Object.assign(move, { toString: () => name });
}

/** The token of the pending task, or one that is off by a little. */
function token(
  run: ScriptedRun,
  off: number,
): { scheduledEventId: number; startedEventId: number; attempt: number } {
  const task = run.state.workflowTask;
  return {
    scheduledEventId: (task?.scheduledEventId ?? 1) + off,
    startedEventId: task?.startedEventId ?? 0,
    attempt: task?.attempt ?? 1,
  };
}

const rarelyOff = fc.constantFrom(...Array.from({ length: 20 }, () => 0), 1);

function updateMessages(
  run: ScriptedRun,
  answer: number,
): Init<RespondWorkflowTaskCompletedRequest>["messages"] {
  const any = (typeName: string, value: Uint8Array): { typeUrl: string; value: Uint8Array } => ({
    typeUrl: `type.googleapis.com/${typeName}`,
    value,
  });
  return [...run.state.updates.values()].flatMap(({ updateId, phase }) => {
    const message = (
      name: string,
      body: { typeUrl: string; value: Uint8Array },
    ): { id: string; protocolInstanceId: string; body: typeof body } => ({
      id: `${updateId}/${name}`,
      protocolInstanceId: updateId,
      body,
    });
    const accept = message(
      "accept",
      any(
        Acceptance.typeName,
        Acceptance.encode({ acceptedRequestMessageId: "m", acceptedRequestSequencingEventId: 1 }),
      ),
    );
    const respond = message(
      "response",
      any(
        Response.typeName,
        Response.encode({ meta: { updateId }, outcome: { value: { case: "success", value: {} } } }),
      ),
    );
    if (phase === "accepted") return answer > 1 ? [respond] : [];
    if (phase !== "sent") return [];
    if (answer === 0)
      return [
        message(
          "reject",
          any(Rejection.typeName, Rejection.encode({ failure: { message: "no" } })),
        ),
      ];
    return answer === 1 ? [accept] : answer === 2 ? [accept, respond] : [];
  });
}

/** One thing that somebody may ask of a run, legal or not. */
export const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(rarelyOff, fc.boolean()).map(([off, stickyQueue]) =>
      named(`poll(${off},${stickyQueue})`, (run, attempt) => {
        const { scheduledEventId, attempt: number } = token(run, off);
        attempt({
          kind: "startWorkflowTask",
          scheduledEventId,
          attempt: number,
          identity: "w",
          requestId: run.newId(),
          stickyQueue,
        });
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        rarelyOff,
        commands,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([off, list, force, inline, sticky, answer]) =>
        named(`complete(${off},${force},${inline},${sticky},${answer})`, (run, attempt) => {
          if (
            run.state.phase === "running" &&
            run.state.workflowTask?.phase === "scheduled" &&
            answer !== 3
          )
            run.poll();
          attempt({
            kind: "completeWorkflowTask",
            token: token(run, off),
            request: RespondWorkflowTaskCompletedRequest.create({
              commands: list(run),
              messages: updateMessages(run, answer),
              forceCreateNewWorkflowTask: force && answer % 2 === 0,
              returnNewWorkflowTask: inline,
              ...(sticky
                ? { capabilities: { discardSpeculativeWorkflowTaskWithEvents: true } }
                : {}),
              ...(sticky
                ? {
                    stickyAttributes: {
                      workerTaskQueue: { name: "sticky" },
                      scheduleToStartTimeout: toDuration(5000),
                    },
                  }
                : {}),
            }),
          });
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: rarelyOff.map((off) =>
      named(`failTask(${off})`, (run, attempt) =>
        attempt({
          kind: "failWorkflowTask",
          token: token(run, off),
          request: RespondWorkflowTaskFailedRequest.create({ cause: 1 }),
        }),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: id.map((requestId) =>
      named(`signal(${requestId})`, (_run, attempt) =>
        attempt({
          kind: "signal",
          request: SignalWorkflowExecutionRequest.create({
            signalName: "s",
            requestId: requestId === "0" ? "" : requestId,
          }),
        }),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      named("cancel", (_run, attempt) =>
        attempt({ kind: "requestCancel", requestId: "c", reason: "", identity: "" }),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      named("resetSticky", (_run, attempt) => attempt({ kind: "resetSticky" })),
    ),
  },
  {
    weight: 2,
    arbitrary: id.map((updateId) =>
      named(`update(${updateId})`, (_run, attempt) =>
        attempt({
          kind: "admitUpdate",
          request: Request.create({ meta: { updateId: `u${updateId}` }, input: { name: "n" } }),
        }),
      ),
    ),
  },
  {
    weight: 14,
    arbitrary: fc
      .tuple(
        fc.nat(),
        fc.constantFrom(
          "start",
          "start",
          "start",
          "complete",
          "fail",
          "fail",
          "cancel",
          "heartbeat",
        ),
        fc.boolean(),
      )
      .map(([pick, what, byId]) =>
        named(`activity(${pick},${what},${byId})`, (run, attempt) =>
          activityMove(run, attempt, pick, what, byId),
        ),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(), fc.constantFrom("started", "failed", "closed"))
      .map(([pick, what]) =>
        named(`child(${pick},${what})`, (run, attempt) => {
          const children = [...run.state.children.keys()];
          const initiatedEventId = children[pick % Math.max(1, children.length)] ?? pick % 30;
          if (what === "started")
            attempt({ kind: "childStarted", initiatedEventId, runId: "child-run" });
          else if (what === "failed")
            attempt({ kind: "childStartFailed", initiatedEventId, cause: 1 });
          else
            attempt({
              kind: "childClosed",
              initiatedEventId,
              runId: "child-run",
              close: { status: 2 + (pick % 4), retryState: 0 },
            });
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.boolean(), fc.boolean()).map(([pick, fails, cancels]) =>
      named(`external(${pick},${fails},${cancels})`, (run, attempt) => {
        const pending = [
          ...(cancels ? run.state.externalCancels : run.state.externalSignals).keys(),
        ];
        const initiatedEventId = pending[pick % Math.max(1, pending.length)] ?? pick % 30;
        attempt({
          kind: cancels ? "externalCancelResolved" : "externalSignalResolved",
          initiatedEventId,
          ...(fails ? { failedCause: 1 } : {}),
        });
      }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(0, 1, 300, 700, 700, 1500, 11_000, -1).map((by) =>
      named(`advance(${by})`, (run, attempt) => {
        run.nowMs = by < 0 ? Math.max(run.nowMs, nextDeadlineMs(run.state) ?? 0) : run.nowMs + by;
        attempt({ kind: "tick" });
      }),
    ),
  },
);

function activityMove(
  run: ScriptedRun,
  attempt: (request: ExecutionRequest) => void,
  pick: number,
  what: string,
  byId: boolean,
): void {
  const all = [...run.state.activities.values()];
  const activity = all[pick % Math.max(1, all.length)];
  const scheduledEventId = activity?.scheduledEventId ?? pick % 30;
  const tries = (activity?.attempt ?? 1) + (pick % 29 === 28 ? 1 : 0);
  const target = byId
    ? ({ by: "id", activityId: activity?.activityId ?? "9" } as const)
    : ({ by: "token", scheduledEventId, attempt: tries, startedEventId: 0 } as const);
  if (what === "start") {
    attempt({
      kind: "startActivityTask",
      scheduledEventId,
      attempt: tries,
      stamp: activity?.stamp ?? 0,
      identity: "a",
      requestId: run.newId(),
    });
  } else if (what === "complete")
    attempt({ kind: "completeActivity", activity: target, identity: "a" });
  else if (what === "fail") {
    const failureInfo = {
      case: "applicationFailureInfo",
      value: {
        nonRetryable: pick % 5 === 4,
        nextRetryDelay: pick % 5 === 0 ? toDuration(50) : undefined,
      },
    } as const;
    attempt({
      kind: "failActivity",
      activity: target,
      failure: Failure.create({ message: "broken", failureInfo }),
      identity: "a",
    });
  } else if (what === "cancel")
    attempt({ kind: "cancelActivity", activity: target, identity: "a" });
  else attempt({ kind: "heartbeatActivity", activity: target, identity: "a" });
}
