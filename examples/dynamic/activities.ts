import * as activity from "perdure/activity";
import type { RawValue } from "perdure/common";

/** Runs whatever has no function of its own. */
export const anyStep = activity.defn({ dynamic: true })(async (args: readonly RawValue[]): Promise<string> => {
  const values = args.map(({ payload }) => activity.payloadConverter().fromPayload(payload));
  return `${activity.info().activityType}(${values.join(", ")})`;
});
