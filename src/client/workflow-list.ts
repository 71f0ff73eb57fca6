import type { HistoryEvent } from "../proto/gen/history.ts";
import type { ClientOutbound, Pages } from "./interceptor.ts";
import type { WorkflowExecution } from "./workflow-execution.ts";
import type { FetchHistoryOptions } from "./workflow-handle.ts";
import { WorkflowHistory } from "./workflow-history.ts";

/** Workflows that a query matches, fetched as they are read. */
export class WorkflowList implements Pages<WorkflowExecution> {
  readonly #outbound: ClientOutbound;
  readonly #pages: Pages<WorkflowExecution>;

  /** Clients make these. */
  constructor(outbound: ClientOutbound, pages: Pages<WorkflowExecution>) {
    this.#outbound = outbound;
    this.#pages = pages;
  }

  get currentPage(): readonly WorkflowExecution[] | undefined {
    return this.#pages.currentPage;
  }

  get nextPageToken(): Uint8Array | undefined {
    return this.#pages.nextPageToken;
  }

  fetchNextPage(): Promise<void> {
    return this.#pages.fetchNextPage();
  }

  [Symbol.asyncIterator](): AsyncIterator<WorkflowExecution> {
    return this.#pages[Symbol.asyncIterator]();
  }

  /** The history of each workflow in turn, as a replayer takes them. */
  async *mapHistories(options: FetchHistoryOptions = {}): AsyncIterable<WorkflowHistory> {
    const { filter = "allEvent", skipArchival = false, ...call } = options;
    for await (const { id: workflowId, runId } of this.#pages) {
      const events: HistoryEvent[] = [];
      const fetched = this.#outbound.fetchHistoryEvents({
        workflowId,
        runId,
        filter,
        skipArchival,
        waitNewEvent: false,
        pageSize: undefined,
        nextPageToken: undefined,
        call,
      });
      for await (const event of fetched) events.push(event);
      yield new WorkflowHistory(workflowId, events);
    }
  }
}
