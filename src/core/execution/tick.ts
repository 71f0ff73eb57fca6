import { TimeoutType } from "../../proto/gen/enums.ts";
import { offerActivity } from "./activity/offer.ts";
import { timeOutActivity } from "./activity/time-out.ts";
import type { StepReply } from "./contract.ts";
import { type Deadline, dueDeadlines } from "./deadline.ts";
import { timeOutExecution, timeOutRun } from "./run/time-out.ts";
import type { Transition } from "./transition.ts";
import { timeOutScheduled, timeOutStarted } from "./workflow-task/end.ts";
import { ensureWorkflowTask } from "./workflow-task/schedule.ts";

/** Lets everything come about that is due, in order of its time, then tells the workflow if there is news. */
export function tick(t: Transition): StepReply {
  let news = false;
  for (const deadline of dueDeadlines(t.state, t.nowMs)) {
    if (t.state.phase !== "running") return {};
    if (comeAbout(t, deadline)) news = true;
  }
  if (news) ensureWorkflowTask(t);
  return {};
}

/** Answers whether the workflow has to hear of it. What something earlier has made void does not come about. */
function comeAbout(t: Transition, deadline: Deadline): boolean {
  const { state } = t;
  switch (deadline.kind) {
    case "timer":
      return fireTimer(t, deadline);
    case "activityTimeout": {
      const activity = state.activities.get(deadline.eventId);
      return activity?.attempt === deadline.attempt && timeOutActivity(t, activity, deadline.type);
    }
    case "activityBackoff": {
      const activity = state.activities.get(deadline.eventId);
      if (activity?.phase !== "backingOff") return false;
      t.do({ op: "dispatchActivity", id: deadline.eventId });
      offerActivity(t, deadline.eventId);
      return false;
    }
    case "workflowTaskTimeout":
      if (deadline.type === TimeoutType.START_TO_CLOSE) timeOutStarted(t);
      else timeOutScheduled(t);
      return true;
    case "runBackoff":
      return true;
    case "runTimeout":
      timeOutRun(t);
      return false;
    case "executionTimeout":
      timeOutExecution(t);
      return false;
  }
}

function fireTimer(t: Transition, { timerId, eventId }: Extract<Deadline, { kind: "timer" }>): boolean {
  t.add({ case: "timerFiredEventAttributes", value: { timerId, startedEventId: eventId } });
  return true;
}
