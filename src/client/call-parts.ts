import type { Payload } from "../proto/gen/common.ts";

/** Named payloads that travel with a call for interceptors on the other side. */
export type Headers = Readonly<Record<string, Payload>>;

/** A workflow that calls are for; without a run id, the latest run of that workflow id. */
export interface WorkflowTarget {
  readonly workflowId: string;
  readonly runId?: string | undefined;
  /** First run of the chain that is meant; calls that change something fail if the workflow belongs to another one. */
  readonly firstExecutionRunId?: string | undefined;
}

/** Pages of a list that is fetched as it is read. */
export interface Pages<T> extends AsyncIterable<T> {
  /** Entries of the page fetched last; `undefined` before the first. */
  readonly currentPage: readonly T[] | undefined;
  /** Where the next page begins; `undefined` before the first page, unless the list was begun in its middle, and after the last. */
  readonly nextPageToken: Uint8Array | undefined;
  /** Fetches the next page. */
  fetchNextPage(): Promise<void>;
}
