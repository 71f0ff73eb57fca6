import * as fc from "fast-check";
import { ActivityOptions } from "../../proto/gen/activity.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { Request } from "../../proto/gen/update.ts";
import {
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
  SignalWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type { ActivitySelector } from "./administration.ts";
import type { ExecutionRequest } from "./contract.ts";
import { nextDeadlineMs } from "./deadline.ts";
import { toDuration } from "./duration.ts";
import { commands, id } from "./random-commands.test-support.ts";
import { callbackMove, nexusMove } from "./random-nexus-moves.test-support.ts";
import type { ScriptedRun } from "./scripted-run.test-support.ts";
import { accept, messagesFor, reject } from "./update/messages.test-support.ts";

/** Asks something of a run. */
export type Move = (run: ScriptedRun, attempt: (request: ExecutionRequest) => void) => void;

function named(name: string, move: Move): Move & { toString(): string } {
  return Object.assign(move, { toString: () => name });
}

/** The token of the pending task, or one that is off by a little. */
function token(run: ScriptedRun, off: number): { scheduledEventId: number; startedEventId: number; attempt: number } {
  const task = run.state.workflowTask;
  return {
    scheduledEventId: (task?.scheduledEventId ?? 1) + off,
    startedEventId: task?.startedEventId ?? 0,
    attempt: task?.attempt ?? 1,
  };
}

const rarelyOff = fc.constantFrom(...Array.from({ length: 20 }, () => 0), 1);

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
      .tuple(rarelyOff, commands, fc.boolean(), fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 3 }))
      .map(([off, list, force, inline, sticky, answer]) =>
        named(`complete(${off},${force},${inline},${sticky},${answer})`, (run, attempt) => {
          if (run.state.phase === "running" && run.state.workflowTask?.phase === "scheduled" && answer !== 3)
            run.poll();
          attempt({
            kind: "completeWorkflowTask",
            token: token(run, off),
            request: RespondWorkflowTaskCompletedRequest.create({
              commands: list(run),
              messages: messagesFor(run.state, answer),
              forceCreateNewWorkflowTask: force && answer % 2 === 0,
              returnNewWorkflowTask: inline,
              ...(sticky ? { capabilities: { discardSpeculativeWorkflowTaskWithEvents: true } } : {}),
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
      named("cancel", (_run, attempt) => attempt({ kind: "requestCancel", requestId: "c", reason: "", identity: "" })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(named("resetSticky", (_run, attempt) => attempt({ kind: "resetSticky" }))),
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
    weight: 2,
    arbitrary: fc
      .constantFrom("reject", "accept", "know")
      .map((answer) => named(`updateAlone(${answer})`, (run, attempt) => updateAlone(run, attempt, answer))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(), fc.constantFrom("pause", "unpause", "reset", "options", "restore"), fc.boolean())
      .map(([pick, what, flag]) =>
        named(`administer(${pick},${what},${flag})`, (run, attempt) => administer(run, attempt, { pick, what, flag })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("pauseRun", "unpauseRun", "unpauseRun", "attach"), id)
      .map(([what, requestId]) =>
        named(`${what}(${requestId})`, (_run, attempt) => {
          if (what === "attach") attempt({ kind: "updateOptions", identity: "op", attachedRequestId: requestId });
          else
            attempt({
              kind: what === "pauseRun" ? "pauseRun" : "unpauseRun",
              identity: "op",
              reason: "",
              requestId,
            });
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1, 40, 5_000).map((forwardMs) =>
      named(`skipTime(${forwardMs})`, (run, attempt) => {
        const fastForwardConfig =
          forwardMs > 1 ? { id: String(run.events.length), duration: toDuration(forwardMs) } : undefined;
        const config = { enabled: forwardMs > 0, disablePropagation: false, maxSessionSkipCount: 3, fastForwardConfig };
        attempt({ kind: "updateOptions", identity: "op", timeSkipping: { config } });
      }),
    ),
  },
  {
    weight: 14,
    arbitrary: fc
      .tuple(
        fc.nat(),
        fc.constantFrom("start", "start", "start", "complete", "fail", "fail", "cancel", "heartbeat"),
        fc.boolean(),
      )
      .map(([pick, what, byId]) =>
        named(`activity(${pick},${what},${byId})`, (run, attempt) => activityMove(run, attempt, pick, what, byId)),
      ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom("started", "failed", "closed")).map(([pick, what]) =>
      named(`child(${pick},${what})`, (run, attempt) => {
        const children = [...run.state.children.keys()];
        const initiatedEventId = children[pick % Math.max(1, children.length)] ?? pick % 30;
        if (what === "started") attempt({ kind: "childStarted", initiatedEventId, runId: "child-run" });
        else if (what === "failed") attempt({ kind: "childStartFailed", initiatedEventId, cause: 1 });
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
        const pending = [...(cancels ? run.state.externalCancels : run.state.externalSignals).keys()];
        const initiatedEventId = pending[pick % Math.max(1, pending.length)] ?? pick % 30;
        attempt({
          kind: cancels ? "externalCancelResolved" : "externalSignalResolved",
          initiatedEventId,
          ...(fails ? { failedCause: 1 } : {}),
        });
      }),
    ),
  },
  { weight: 9, arbitrary: nexusMove },
  { weight: 4, arbitrary: callbackMove },
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
  } else if (what === "complete") attempt({ kind: "completeActivity", activity: target, identity: "a" });
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
  } else if (what === "cancel") attempt({ kind: "cancelActivity", activity: target, identity: "a" });
  else attempt({ kind: "heartbeatActivity", activity: target, identity: "a" });
}

interface Administration {
  readonly pick: number;
  readonly what: string;
  readonly flag: boolean;
}

/** What operators do to activities. */
function administer(
  run: ScriptedRun,
  attempt: (request: ExecutionRequest) => void,
  { pick, what, flag }: Administration,
): void {
  const ids = [...run.state.activities.values()].map(({ activityId }) => activityId);
  const activities: ActivitySelector =
    pick % 7 === 0 ? { by: "all" } : { by: "id", activityId: ids[pick % Math.max(1, ids.length)] ?? "none" };
  const jitterMs = pick % 2 === 0 ? 0 : 500;
  if (what === "pause")
    attempt({ kind: "pauseActivity", activities, identity: "op", reason: "", requestId: String(pick % 3) });
  else if (what === "unpause")
    attempt({ kind: "unpauseActivity", activities, resetAttempts: flag, resetHeartbeat: !flag, jitterMs });
  else if (what === "reset")
    attempt({
      kind: "resetActivity",
      activities,
      resetHeartbeat: flag,
      keepPaused: pick % 3 === 0,
      restoreOriginalOptions: flag,
      jitterMs,
    });
  else
    attempt({
      kind: "updateActivityOptions",
      activities,
      change:
        what === "restore"
          ? "restoreOriginal"
          : {
              options: ActivityOptions.create({
                startToCloseTimeout: toDuration(pick % 4 === 0 ? 0 : 2000),
                retryPolicy: { maximumAttempts: 9 },
              }),
              paths: ["start_to_close_timeout", "retry_policy.maximum_attempts"],
            },
    });
}

/** An update with a workflow task of its own, where there is none; or one whose answer comes late. */
function updateAlone(run: ScriptedRun, attempt: (request: ExecutionRequest) => void, answer: string): void {
  const { state } = run;
  const updateId = `alone-${state.updateOrder}`;
  const request = Request.create({ meta: { updateId }, input: { name: "n" } });
  if (answer !== "know" && state.workflowTask?.phase !== "started") attempt({ kind: "admitUpdate", request });
  if (state.phase === "running" && state.workflowTask?.phase === "scheduled") run.poll();
  // Admitted now, it is not sent with the task, but workers may have got it with an earlier one.
  if (answer !== "know" && !state.updates.has(updateId)) attempt({ kind: "admitUpdate", request });
  attempt({
    kind: "completeWorkflowTask",
    token: token(run, 0),
    request: RespondWorkflowTaskCompletedRequest.create({
      messages: [answer === "reject" ? reject(updateId) : accept(updateId, request)],
      capabilities: { discardSpeculativeWorkflowTaskWithEvents: true },
    }),
  });
}
