import { defaultPayloadConverter } from "../payload/default-converter.ts";
import type { CountNexusOperationExecutionsResponse } from "../proto/gen/workflowservice.ts";

/** How many Nexus operations a query matches. */
export interface NexusOperationExecutionCount {
  readonly count: number;
  /** One for each value that a `GROUP BY` found. */
  readonly groups: readonly NexusOperationExecutionCountAggregationGroup[];
}

/** Nexus operations that have the same values. */
export interface NexusOperationExecutionCountAggregationGroup {
  readonly count: number;
  readonly groupValues: readonly unknown[];
}

/** A count as the service answered it. */
export function toNexusCount(response: CountNexusOperationExecutionsResponse): NexusOperationExecutionCount {
  return {
    count: response.count,
    groups: response.groups.map(({ count, groupValues }) => ({
      count,
      // The service makes these payloads itself, so no converter or codec of the user's knows them.
      groupValues: groupValues.map((payload) => defaultPayloadConverter.fromPayload(payload)),
    })),
  };
}
