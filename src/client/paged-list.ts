import type { Pages } from "./call-parts.ts";

/** One page of a list; an empty token means that it is the last. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly nextPageToken: Uint8Array;
}

/** How a {@link PagedList} gets its pages. */
export interface PagedListOptions<T> {
  /** @param limit How many entries are still wanted; `undefined` for all. */
  readonly fetch: (token: Uint8Array, limit: number | undefined) => Promise<Page<T>>;
  /** Where to begin. @default at the beginning */
  readonly nextPageToken?: Uint8Array | undefined;
  /** Entries at most. @default all */
  readonly limit?: number | undefined;
}

const BEGINNING = new Uint8Array();

/** A list that fetches its pages as it is read. It can be read once. */
export class PagedList<T> implements Pages<T>, AsyncIterator<T, undefined> {
  readonly #options: PagedListOptions<T>;
  #page: readonly T[] | undefined;
  #index = 0;
  #token: Uint8Array | undefined;
  #given = 0;

  constructor(options: PagedListOptions<T>) {
    this.#options = options;
    this.#token = options.nextPageToken;
  }

  get currentPage(): readonly T[] | undefined {
    return this.#page;
  }

  get nextPageToken(): Uint8Array | undefined {
    return this.#token;
  }

  async fetchNextPage(): Promise<void> {
    const { fetch, limit } = this.#options;
    const left = limit === undefined ? undefined : Math.max(0, limit - this.#given);
    const { entries, nextPageToken } = await fetch(this.#token ?? BEGINNING, left);
    this.#page = entries;
    this.#index = 0;
    this.#token = nextPageToken.byteLength === 0 ? undefined : nextPageToken;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const { limit } = this.#options;
    if (limit !== undefined && this.#given >= limit) return { done: true, value: undefined };
    // Pages in between may be empty; only a missing token ends the list.
    while (this.#page === undefined || this.#index >= this.#page.length) {
      if (this.#page !== undefined && this.#token === undefined) {
        return { done: true, value: undefined };
      }
      await this.fetchNextPage();
    }
    const value = this.#page[this.#index] as T;
    this.#index += 1;
    this.#given += 1;
    return { done: false, value };
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this;
  }
}
