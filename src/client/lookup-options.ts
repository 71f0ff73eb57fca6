import type { CallOptions } from "./call-options.ts";

/** Which run of a workflow a handle is for. */
export interface GetHandleOptions {
  /** @default the latest */
  readonly runId?: string | undefined;
  /** First run of the chain of runs that changes are for. @default any */
  readonly firstExecutionRunId?: string | undefined;
}

/** How workflows are listed. */
export interface ListWorkflowsOptions extends CallOptions {
  /** Workflows fetched at once. @default 1000 */
  readonly pageSize?: number;
  /** Where to begin. @default at the beginning */
  readonly nextPageToken?: Uint8Array;
  /** Workflows at most. @default all */
  readonly limit?: number;
}
