import * as activity from "perdure/activity";

/**
 * Asks a service until its job is done.
 *
 * Each heartbeat says that this attempt lives, and keeps the count for the next attempt, should this one die. A cancelled
 * workflow reaches it the same way: the sleep ends, and so does the request.
 */
export async function awaitJob(url: string): Promise<string> {
  const [asked = 0] = activity.info().heartbeatDetails as [number?];
  for (let count = asked + 1; ; count += 1) {
    const response = await fetch(url, { signal: activity.cancellationSignal() });
    if (!response.ok) throw new Error(`Cannot ask for the job: the service answered ${response.status}`);
    if ((await response.text()) === "done") return `done, asked ${count} times`;
    activity.heartbeat(count);
    await activity.sleep(100);
  }
}
