import { toText } from "./web-text.ts";

/** The part of `URLSearchParams` that `URL` needs, beside what everybody sees. */
export interface SearchParams {
  /** Reads `search` afresh, without telling the URL. */
  replaceAll(search: string): void;
}

type Pair = [name: string, value: string];
type Init = string | Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

/** Makes the class `URLSearchParams`; its second argument, for `URL` alone, is told of every change. */
export function createSearchParams(): new (init?: Init, onChange?: (search: string) => void) => SearchParams {
  class URLSearchParams {
    #pairs: Pair[];
    readonly #onChange: ((search: string) => void) | undefined;

    constructor(init: Init = "", onChange?: (search: string) => void) {
      this.#pairs = toPairs(init);
      this.#onChange = onChange;
      // Hidden, for it is no part of the standard class.
      if (onChange !== undefined) {
        Object.defineProperty(this, "replaceAll", {
          value: (search: string) => {
            this.#pairs = toPairs(search);
          },
        });
      }
    }

    get size(): number {
      return this.#pairs.length;
    }

    append(name: string, value: string): void {
      this.#update([...this.#pairs, [toText(name), toText(value)]]);
    }

    delete(name: string, value?: string): void {
      this.#update(this.#pairs.filter((pair) => pair[0] !== name || (value !== undefined && pair[1] !== value)));
    }

    get(name: string): string | null {
      return this.#pairs.find((pair) => pair[0] === name)?.[1] ?? null;
    }

    getAll(name: string): string[] {
      return this.#pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    }

    has(name: string, value?: string): boolean {
      return this.#pairs.some((pair) => pair[0] === name && (value === undefined || pair[1] === value));
    }

    set(name: string, value: string): void {
      const first = this.#pairs.findIndex((pair) => pair[0] === name);
      if (first === -1) return this.append(name, value);
      const rest = this.#pairs.filter((pair, index) => index <= first || pair[0] !== name);
      rest[first] = [name, toText(value)];
      this.#update(rest);
    }

    sort(): void {
      this.#update(this.#pairs.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)));
    }

    forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArg?: unknown): void {
      for (const [name, value] of this.#pairs) Reflect.apply(callback, thisArg, [value, name, this]);
    }

    *entries(): IterableIterator<Pair> {
      for (const [name, value] of this.#pairs) yield [name, value];
    }

    *keys(): IterableIterator<string> {
      for (const [name] of this.#pairs) yield name;
    }

    *values(): IterableIterator<string> {
      for (const [, value] of this.#pairs) yield value;
    }

    [Symbol.iterator](): IterableIterator<Pair> {
      return this.entries();
    }

    toString(): string {
      return this.#pairs.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`).join("&");
    }

    #update(pairs: Pair[]): void {
      this.#pairs = pairs;
      this.#onChange?.(this.toString());
    }
  }
  return URLSearchParams as unknown as new (init?: Init, onChange?: (search: string) => void) => SearchParams;
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function toPairs(init: Init): Pair[] {
  if (typeof init !== "object") return parseForm(toText(init));
  if (Symbol.iterator in init) {
    return [...(init as Iterable<readonly [string, string]>)].map(([name, value]) => [toText(name), toText(value)]);
  }
  return Object.entries(init).map(([name, value]) => [name, toText(value)]);
}

function parseForm(text: string): Pair[] {
  const query = text.startsWith("?") ? text.slice(1) : text;
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [decodeForm(name), decodeForm(value.join("="))];
    });
}

function decodeForm(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // One broken escape must not spoil the others.
    return spaced.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
      try {
        return decodeURIComponent(escapes);
      } catch {
        return "\uFFFD";
      }
    });
  }
}

function encodeForm(text: string): string {
  return encodeURIComponent(text.replaceAll(LONE_SURROGATE, "\uFFFD"))
    .replaceAll("%20", "+")
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
