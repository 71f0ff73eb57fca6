import { TimeoutType } from "../../proto/gen/enums.ts";
import { offerActivity } from "./activity/offer.ts";
import { timeOutActivity } from "./activity/time-out.ts";
import type { StepReply } from "./contract.ts";
import { type Deadline, dueDeadlines } from "./deadline.ts";
import { offerNexusCancel, offerNexusStart } from "./nexus/retry.ts";
import { addNexusTimedOut, nexusDeadlines } from "./nexus/time-out.ts";
import { timeOutExecution, timeOutRun } from "./run/time-out.ts";
import { endFastForward } from "./time-skipping/skip.ts";
import type { Transition } from "./transition.ts";
import { timeOutScheduled, timeOutStarted } from "./workflow-task/end.ts";
import { ensureWorkflowTask } from "./workflow-task/schedule.ts";

/** Lets everything come about that is due, in order of its time, then tells the workflow if there is news. */
export function tick(t: Transition): StepReply {
  let news = false;
  for (const deadline of dueDeadlines(t.state, t.nowMs)) {
    if (t.state.phase !== "running" && deadline.kind !== "callbackBackoff") continue;
    if (comeAbout(t, deadline)) news = true;
  }
  if (news && t.state.phase === "running") ensureWorkflowTask(t);
  return {};
}

/** Answers whether the workflow has to hear of it. What something earlier has made void does not come about. */
function comeAbout(t: Transition, deadline: Deadline): boolean {
  return (events[deadline.kind] as ComeAbout<Deadline["kind"]>)(t, deadline);
}

type ComeAbout<K extends Deadline["kind"]> = (t: Transition, deadline: Extract<Deadline, { kind: K }>) => boolean;

const events: { readonly [K in Deadline["kind"]]: ComeAbout<K> } = {
  timer: (t, { timerId, eventId }) => {
    t.add({ case: "timerFiredEventAttributes", value: { timerId, startedEventId: eventId } });
    return true;
  },
  activityTimeout: (t, { eventId, attempt, type }) => {
    const activity = t.state.activities.get(eventId);
    return activity?.attempt === attempt && timeOutActivity(t, activity, type);
  },
  activityBackoff: (t, { eventId }) => {
    if (t.state.activities.get(eventId)?.phase !== "backingOff") return false;
    t.do({ op: "dispatchActivity", id: eventId });
    offerActivity(t, eventId);
    return false;
  },
  nexusTimeout: (t, { eventId, type }) => {
    const operation = t.state.nexusOperations.get(eventId);
    // Once it has started, it cannot be late in starting any more.
    if (operation === undefined || !nexusDeadlines(operation).some((each) => each.type === type)) return false;
    addNexusTimedOut(t, operation, type);
    return true;
  },
  nexusBackoff: (t, { eventId, of }) => {
    const operation = t.state.nexusOperations.get(eventId);
    if ((of === "start" ? operation?.phase : operation?.cancel?.phase) !== "backingOff") return false;
    t.do({ op: "rescheduleNexus", id: eventId, of });
    if (of === "start") offerNexusStart(t, eventId);
    else offerNexusCancel(t, eventId);
    return false;
  },
  callbackBackoff: (t, { index }) => {
    t.do({ op: "rescheduleCallback", index });
    return false;
  },
  workflowTaskTimeout: (t, { type }) => {
    if (type === TimeoutType.START_TO_CLOSE) timeOutStarted(t);
    else timeOutScheduled(t);
    return true;
  },
  runBackoff: () => true,
  fastForward: (t) => {
    endFastForward(t);
    return false;
  },
  runTimeout: (t) => {
    timeOutRun(t);
    return false;
  },
  executionTimeout: (t) => {
    timeOutExecution(t);
    return false;
  },
};
