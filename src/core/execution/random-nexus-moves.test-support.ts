import * as fc from "fast-check";
import { TimeoutType } from "../../proto/gen/enums.ts";
import { Callback, Payload } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { ExecutionRequest } from "./contract.ts";
import type { NexusOutcome, NexusStartAnswer } from "./nexus/answer.ts";
import { command, type ScriptedRun } from "./scripted-run.test-support.ts";
import { RespondWorkflowTaskCompletedRequest } from "../../proto/gen/workflowservice.ts";

type Attempt = (request: ExecutionRequest) => void;

const failure = Failure.create({ message: "broken" });

const outcomes: readonly NexusOutcome[] = [
  { kind: "succeeded", result: Payload.create({ data: new Uint8Array([1]) }) },
  { kind: "unsuccessful", failure, canceled: false },
  { kind: "unsuccessful", failure, canceled: true },
];

const startAnswers: readonly NexusStartAnswer[] = [
  { kind: "started", operationToken: "token", links: [] },
  { kind: "started", operationToken: "token", links: [] },
  { kind: "started", operationToken: "token", links: [] },
  { kind: "started", operationToken: "token", links: [] },
  { kind: "retry", failure },
  { kind: "retry", failure },
  { kind: "failed", failure },
  { kind: "timedOut", timeoutType: TimeoutType.SCHEDULE_TO_CLOSE },
  ...outcomes.map((outcome): NexusStartAnswer => ({ kind: "completed", outcome, links: [] })),
];

const ends = ["succeeded", "retry", "failed", "retry", "succeeded"] as const;

/** What handlers of Nexus operations, and those who want to hear of the run's end, may do. */
export const nexusMove = fc
  .tuple(fc.nat(), fc.constantFrom("start", "start", "start", "cancel", "cancel", "cancel", "complete"), fc.nat(99))
  .map(([pick, what, how]) =>
    Object.assign(
      (run: ScriptedRun, attempt: Attempt) => {
        const all = [...run.state.nexusOperations.values()].filter(
          ({ phase, cancel }) =>
            pick % 11 === 10 ||
            (what === "complete" && how % 3 > 0) ||
            (what === "complete" ? phase === "backingOff" : false) ||
            (what === "start" ? phase : cancel?.phase) === "scheduled",
        );
        const operation = all[pick % Math.max(1, all.length)];
        const scheduledEventId = operation?.scheduledEventId ?? pick % 30;
        const off = pick % 23 === 22 ? 1 : 0;
        if (what === "start") {
          const answer = startAnswers[how % startAnswers.length] ?? { kind: "failed", failure };
          attempt({
            kind: "nexusStartAnswered",
            scheduledEventId,
            attempt: (operation?.attempt ?? 0) + off,
            answer,
          });
        } else if (what === "cancel") {
          if (operation === undefined) requestCancel(run, attempt);
          const kind = ends[how % ends.length] ?? "failed";
          attempt({
            kind: "nexusCancelAnswered",
            scheduledEventId,
            attempt: (operation?.cancel?.attempt ?? 0) + off,
            answer: kind === "succeeded" ? { kind } : { kind, failure },
          });
        } else {
          attempt({
            kind: "completeNexusOperation",
            scheduledEventId,
            requestId: off === 0 ? (operation?.scheduled.requestId ?? "") : "other",
            operationToken: "token",
            links: [],
            outcome: outcomes[how % outcomes.length] ?? { kind: "unsuccessful", failure, canceled: false },
          });
        }
      },
      { toString: () => `nexus(${pick},${what})` },
    ),
  );

/** The workflow asks for the cancellation of some operation, in a task of its own, and the operation is started. */
function requestCancel(run: ScriptedRun, attempt: Attempt): void {
  const { state } = run;
  const operation = [...state.nexusOperations.values()].find(({ cancel }) => cancel === undefined);
  if (operation === undefined || state.phase !== "running") return;
  const { scheduledEventId } = operation;
  if (state.workflowTask?.phase === "scheduled") run.poll();
  const task = state.workflowTask;
  if (task?.phase !== "started") return;
  attempt({
    kind: "completeWorkflowTask",
    token: { scheduledEventId: task.scheduledEventId, startedEventId: task.startedEventId, attempt: task.attempt },
    request: RespondWorkflowTaskCompletedRequest.create({
      commands: [command("requestCancelNexusOperationCommandAttributes", { scheduledEventId })],
    }),
  });
  attempt({
    kind: "nexusStartAnswered",
    scheduledEventId,
    attempt: operation.attempt,
    answer: { kind: "started", operationToken: "token", links: [] },
  });
}

/** A callback outside. */
export const callback = Callback.create({ variant: { case: "nexus", value: { url: "http://localhost/done" } } });

/** Somebody attaches a callback to the run, or those attached are told of its end. */
export const callbackMove = fc.tuple(fc.constantFrom(true, false, false), fc.nat(99)).map(([attaches, how]) =>
  Object.assign(
    (run: ScriptedRun, attempt: Attempt) => {
      if (attaches && run.state.phase === "running") {
        const attachedRequestId = `attach-${how % 5}`;
        attempt({ kind: "updateOptions", identity: "op", attachedRequestId, completionCallbacks: [callback] });
        return;
      }
      if (how % 50 === 7) attempt({ kind: "terminate", reason: "", identity: "op" });
      run.state.callbacks.forEach((each, index) => {
        const kind = ends[(how + index) % ends.length] ?? "failed";
        attempt({
          kind: "callbackAnswered",
          index,
          attempt: each.attempt,
          answer: kind === "succeeded" ? { kind } : { kind, message: "no" },
        });
      });
    },
    { toString: () => `callback(${attaches},${how})` },
  ),
);
