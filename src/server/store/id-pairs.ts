/** Values by pairs of ids, of which the first is one of few. Nothing is put together for a key. */
export class IdPairs<Value> {
  readonly #byFirst = new Map<string, Map<string, Value>>();

  get(first: string, second: string): Value | undefined {
    return this.#byFirst.get(first)?.get(second);
  }

  set(first: string, second: string, value: Value): void {
    const known = this.#byFirst.get(first);
    if (known === undefined) this.#byFirst.set(first, new Map([[second, value]]));
    else known.set(second, value);
  }

  delete(first: string, second: string): void {
    const known = this.#byFirst.get(first);
    if (known?.delete(second) === true && known.size === 0) this.#byFirst.delete(first);
  }

  *values(): IterableIterator<Value> {
    for (const values of this.#byFirst.values()) yield* values.values();
  }
}
