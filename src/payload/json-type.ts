/** A kind of values that JSON has no form for, with a form for it. Must be deterministic: it runs in workflows too. */
export interface JsonType<T = unknown> {
  /** Stands under `$type`. The same on all sides, for as long as payloads with it are read. */
  readonly name: string;
  is(value: unknown): value is T;
  /** What stands under `$value`; may hold values of other kinds. */
  toJson(value: T): unknown;
  /** @param json What {@link toJson} answered, its own parts read already. */
  fromJson(json: unknown): T;
}
