import * as activity from "perdure/activity";
import { ApplicationError } from "perdure/exceptions";

export async function greet(greeting: string, name: string): Promise<string> {
  return `${greeting}, ${name}!`;
}

/** Fails until the given attempt. */
export async function failUntil(attempt: number): Promise<number> {
  const { attempt: current } = activity.info();
  if (current < attempt) throw new Error(`attempt ${current} fails`);
  return current;
}

export async function failForGood(): Promise<never> {
  throw new ApplicationError("not this card", { type: "CardDeclined", nonRetryable: true, details: ["4000", 2] });
}

/** Heartbeats until it is cancelled, then says so. */
export async function waitForCancel(): Promise<string> {
  const signal = activity.cancellationSignal();
  return new Promise((resolve, reject) => {
    const beat = setInterval(() => activity.heartbeat("alive"), 50);
    signal.addEventListener("abort", () => {
      clearInterval(beat);
      reject(signal.reason as Error);
    });
  });
}

/** Fails its first attempt after a heartbeat; the second answers what the first left. */
export async function resumeFromHeartbeat(): Promise<unknown> {
  const { heartbeatDetails, attempt } = activity.info();
  if (attempt > 1) return heartbeatDetails;
  activity.heartbeat({ page: 7 }, "last");
  throw new Error("crashed after a heartbeat");
}

/** Never ends by itself; the server's timeout ends the attempt. */
export async function hang(): Promise<void> {
  await new Promise<void>((_resolve, reject) => {
    activity.cancellationSignal().addEventListener("abort", () => reject(new Error("worker is shutting down")));
  });
}
