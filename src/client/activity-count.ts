import { defaultPayloadConverter } from "../payload/default-converter.ts";
import type { CountActivityExecutionsResponse } from "../proto/gen/workflowservice.ts";

/** How many activities a query matches, about. */
export interface ActivityExecutionCount {
  /** All together. */
  readonly count: number;
  /** By group, if the query has a `GROUP BY`. */
  readonly groups: readonly ActivityExecutionCountGroup[];
}

/** One group of an {@link ActivityExecutionCount}. */
export interface ActivityExecutionCountGroup {
  readonly count: number;
  /** Values of the attributes that the groups are made by. */
  readonly groupValues: readonly unknown[];
}

/** A count as the service gives it. */
export function toActivityCount(response: CountActivityExecutionsResponse): ActivityExecutionCount {
  return {
    count: response.count,
    groups: response.groups.map(({ count, groupValues }) => ({
      count,
      // The service makes these payloads itself, so no converter or codec of the user's knows them.
      groupValues: groupValues.map((payload) => defaultPayloadConverter.fromPayload(payload)),
    })),
  };
}
