import { TemporalError } from "../core/errors.ts";
import { IndexedValueType } from "../proto/gen/enums.ts";

/** What each type of search attribute is in code. `Keyword` is matched whole, `Text` by its words. */
export interface SearchAttributeTypes {
  readonly Text: string;
  readonly Keyword: string;
  readonly Int: number;
  readonly Double: number;
  readonly Bool: boolean;
  readonly Datetime: Date;
  readonly KeywordList: readonly string[];
}

/** Names of the types of search attributes, as payload metadata has them. */
export type SearchAttributeType = keyof SearchAttributeTypes;
/** Any value that a search attribute may have. */
export type SearchAttributeValue = SearchAttributeTypes[SearchAttributeType];

/** A search attribute got a value that is not of its type, or a set of them names one twice. */
export class SearchAttributeError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SEARCH_ATTRIBUTE";
  override readonly name = "SearchAttributeError";
}

const indexedTypes: Readonly<Record<SearchAttributeType, IndexedValueType>> = {
  Text: IndexedValueType.TEXT,
  Keyword: IndexedValueType.KEYWORD,
  Int: IndexedValueType.INT,
  Double: IndexedValueType.DOUBLE,
  Bool: IndexedValueType.BOOL,
  Datetime: IndexedValueType.DATETIME,
  KeywordList: IndexedValueType.KEYWORD_LIST,
};

/** A search attribute by name and type. */
export class SearchAttributeKey<T extends SearchAttributeType = SearchAttributeType> {
  readonly name: string;
  readonly type: T;

  constructor(name: string, type: T) {
    this.name = name;
    this.type = type;
  }

  /** The type's number in `temporal.api.enums.v1.IndexedValueType`. */
  get indexedValueType(): IndexedValueType {
    return indexedTypes[this.type];
  }

  /** A change that gives the attribute this value. */
  valueSet(value: SearchAttributeTypes[T]): SearchAttributeUpdate<T> {
    checkValue(this, value);
    return { key: this, value };
  }

  /** A change that takes the attribute away. */
  valueUnset(): SearchAttributeUpdate<T> {
    return { key: this, value: undefined };
  }

  /** The attribute with a value, for a {@link TypedSearchAttributes}. */
  withValue(value: SearchAttributeTypes[T]): SearchAttributePair<T> {
    checkValue(this, value);
    return { key: this, value };
  }

  static forText(name: string): SearchAttributeKey<"Text"> {
    return new SearchAttributeKey(name, "Text");
  }

  static forKeyword(name: string): SearchAttributeKey<"Keyword"> {
    return new SearchAttributeKey(name, "Keyword");
  }

  /** Whole numbers. */
  static forInt(name: string): SearchAttributeKey<"Int"> {
    return new SearchAttributeKey(name, "Int");
  }

  /** Any numbers; the service calls the type Double. */
  static forFloat(name: string): SearchAttributeKey<"Double"> {
    return new SearchAttributeKey(name, "Double");
  }

  static forBool(name: string): SearchAttributeKey<"Bool"> {
    return new SearchAttributeKey(name, "Bool");
  }

  static forDatetime(name: string): SearchAttributeKey<"Datetime"> {
    return new SearchAttributeKey(name, "Datetime");
  }

  static forKeywordList(name: string): SearchAttributeKey<"KeywordList"> {
    return new SearchAttributeKey(name, "KeywordList");
  }
}

/** A search attribute and its value. */
export interface SearchAttributePair<T extends SearchAttributeType = SearchAttributeType> {
  readonly key: SearchAttributeKey<T>;
  readonly value: SearchAttributeTypes[T];
}

/** A change of one search attribute; without a value it is taken away. */
export interface SearchAttributeUpdate<T extends SearchAttributeType = SearchAttributeType> {
  readonly key: SearchAttributeKey<T>;
  readonly value: SearchAttributeTypes[T] | undefined;
}

/** Search attributes with their values, by name in alphabetical order. Immutable. */
export class TypedSearchAttributes implements Iterable<SearchAttributePair> {
  readonly pairs: readonly SearchAttributePair[];

  /** @throws {SearchAttributeError} If two have the same name. */
  constructor(pairs: readonly SearchAttributePair[] = []) {
    this.pairs = pairs.toSorted((a, b) => (a.key.name < b.key.name ? -1 : 1));
    const twice = this.pairs.find((pair, index) => index > 0 && this.pairs[index - 1]?.key.name === pair.key.name);
    if (twice !== undefined)
      throw new SearchAttributeError(
        `Cannot collect search attributes: found "${twice.key.name}" twice, expected every name once`,
      );
  }

  get size(): number {
    return this.pairs.length;
  }

  /** The value of the attribute of that name and type. */
  get<T extends SearchAttributeType>(key: SearchAttributeKey<T>): SearchAttributeTypes[T] | undefined {
    const pair = this.pairs.find((candidate) => candidate.key.name === key.name && candidate.key.type === key.type);
    return pair?.value as SearchAttributeTypes[T] | undefined;
  }

  has(key: SearchAttributeKey): boolean {
    return this.get(key) !== undefined;
  }

  /** A copy with these changes made. */
  updated(...updates: readonly SearchAttributeUpdate[]): TypedSearchAttributes {
    const byName = new Map(this.pairs.map((pair) => [pair.key.name, pair]));
    for (const { key, value } of updates) {
      if (value === undefined) byName.delete(key.name);
      else byName.set(key.name, { key, value });
    }
    return new TypedSearchAttributes([...byName.values()]);
  }

  [Symbol.iterator](): Iterator<SearchAttributePair> {
    return this.pairs[Symbol.iterator]();
  }
}

/** Whether a value is of a search attribute's type. */
export function isSearchAttributeValue(type: SearchAttributeType, value: unknown): value is SearchAttributeValue {
  switch (type) {
    case "Text":
    case "Keyword":
      return typeof value === "string";
    case "Int":
      return Number.isSafeInteger(value);
    case "Double":
      return typeof value === "number" && Number.isFinite(value);
    case "Bool":
      return typeof value === "boolean";
    case "Datetime":
      return Object.prototype.toString.call(value) === "[object Date]" && !Number.isNaN((value as Date).getTime());
    case "KeywordList":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
  }
}

function checkValue(key: SearchAttributeKey, value: unknown): void {
  if (isSearchAttributeValue(key.type, value)) return;
  throw new SearchAttributeError(
    `Cannot set search attribute "${key.name}": found a value of type ${typeof value}, expected one that suits ${key.type}`,
  );
}
