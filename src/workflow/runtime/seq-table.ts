let taken = 0;

/** What is under way of one kind, by its number. The first number is 1, and none is used twice. */
export class SeqTable<T> {
  #last = 0;
  #pending: Map<number, T> | undefined;
  /** What was taken last, and when in the order of all tables of the thread. */
  lastTaken: { readonly item: T; readonly at: number } | undefined;

  /** The next number. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  set(seq: number, item: T): void {
    this.#pending ??= new Map();
    this.#pending.set(seq, item);
  }

  get(seq: number): T | undefined {
    return this.#pending?.get(seq);
  }

  /** Gives an item and forgets it. */
  take(seq: number): T | undefined {
    const item = this.#pending?.get(seq);
    this.#pending?.delete(seq);
    if (item !== undefined) this.lastTaken = { item, at: ++taken };
    return item;
  }

  values(): Iterable<T> {
    return this.#pending?.values() ?? [];
  }
}
