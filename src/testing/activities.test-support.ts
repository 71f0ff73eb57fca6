import * as activity from "../activity/index.ts";

/** Takes a moment of real time. */
export async function slow(): Promise<string> {
  await activity.sleep(50);
  return "activity";
}

/** Fails before an attempt. */
export async function flaky(attempt: number): Promise<number> {
  const now = activity.info().attempt;
  if (now < attempt) throw new Error(`attempt ${now} fails`);
  return now;
}
