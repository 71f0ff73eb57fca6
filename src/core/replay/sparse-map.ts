/**
 * What of `Map` a run needs, in next to no memory while it is empty: an empty `Map` takes 190 bytes, a run has a dozen,
 * and a worker holds thousands of runs.
 */
export class SparseMap<K, V> {
  #entries: Map<K, V> | undefined;

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.#entries?.get(key);
  }

  has(key: K): boolean {
    return this.#entries?.has(key) ?? false;
  }

  set(key: K, value: V): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  delete(key: K): void {
    this.#entries?.delete(key);
  }

  clear(): void {
    this.#entries = undefined;
  }

  /** In the order in which they were first set. */
  keys(): Iterable<K> {
    return this.#entries?.keys() ?? [];
  }

  [Symbol.iterator](): Iterator<readonly [K, V]> {
    return (this.#entries ?? new Map<K, V>()).entries();
  }
}
