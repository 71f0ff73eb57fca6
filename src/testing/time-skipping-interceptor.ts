import type { ClientInterceptor, Connection, Pages } from "../client/index.ts";

/** Lets time be skipped while somebody waits for a workflow's result. It must be the innermost interceptor. */
export class TimeSkippingInterceptor implements ClientInterceptor {
  /** Whether waits that begin now let time be skipped. */
  enabled = true;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  interceptClient: ClientInterceptor["interceptClient"] = (next) => ({
    ...next,
    fetchHistoryEvents: (input) => {
      const events = next.fetchHistoryEvents(input);
      const isForResult = input.waitNewEvent && input.filter === "closeEvent";
      return isForResult && this.enabled ? this.#unlockDuring(events) : events;
    },
  });

  #unlockDuring<T>(pages: Pages<T>): Pages<T> {
    const unlocked = <R>(wait: () => Promise<R>): Promise<R> => this.#unlocked(wait);
    return {
      get currentPage() {
        return pages.currentPage;
      },
      get nextPageToken() {
        return pages.nextPageToken;
      },
      fetchNextPage: () => unlocked(() => pages.fetchNextPage()),
      [Symbol.asyncIterator]() {
        const entries = pages[Symbol.asyncIterator]();
        return { next: () => unlocked(() => entries.next()) };
      },
    };
  }

  async #unlocked<R>(wait: () => Promise<R>): Promise<R> {
    const { testService } = this.#connection;
    await testService.unlockTimeSkipping({});
    try {
      return await wait();
    } finally {
      await testService.lockTimeSkipping({});
    }
  }
}
