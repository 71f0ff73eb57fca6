import { JsonFormatError, type JsonValue } from "./json-value.ts";

/** Objects and arrays within each other; deeper text is refused before it exhausts the stack. */
export const JSON_DEPTH_MAX = 1_000;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_DIGITS_MAX = 20;
const SHOWN_CHARACTERS = 32;

/**
 * Reads JSON from outside. Unlike `JSON.parse` it loses no digit of a 64-bit number, refuses a name that an object has
 * twice, and says at which line and column something is wrong.
 *
 * @throws {JsonFormatError} If the text is no JSON.
 */
export function parseJsonText(text: string): JsonValue {
  const reader = new TextReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.+-])/y;
// Control characters are what JSON's texts must not hold.
// oxlint-disable-next-line no-control-regex
const plainString = /"([^"\\\u0000-\u001f]*)"/y;
// oxlint-disable-next-line no-control-regex
const anyString = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const space = /[ \t\r\n]*/y;
const token = /[-+._a-zA-Z0-9]{1,32}|[^]/y;
const loneSurrogate = /\p{Surrogate}/u;
const words: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ["null", null],
  ["true", true],
  ["false", false],
]);

class TextReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  value(depth: number): JsonValue {
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(depth + 1);
    if (first === "[") return this.#array(depth + 1);
    if (first === '"') return this.#string();
    const matched = this.#match(number);
    if (matched !== undefined) return toNumber(matched);
    const found = this.#token();
    const word = words.get(found);
    if (word === undefined) throw this.#unexpected("a value");
    this.#at += found.length;
    this.#skipSpace();
    return word;
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
  }

  #object(depth: number): JsonValue {
    this.#open(depth);
    const result: { [key: string]: JsonValue } = {};
    if (this.#take("}")) return result;
    do {
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') throw this.#unexpected("a name");
      const key = this.#string();
      if (Object.hasOwn(result, key)) throw this.#error(keyAt, `duplicate field "${key.slice(0, SHOWN_CHARACTERS)}"`);
      if (!this.#take(":")) throw this.#unexpected('":"');
      const value = this.value(depth);
      // Assigned, a name such as __proto__ would change what the object is.
      Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected('"," or "}"');
    return result;
  }

  #array(depth: number): JsonValue {
    this.#open(depth);
    const result: JsonValue[] = [];
    if (this.#take("]")) return result;
    do result.push(this.value(depth));
    while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected('"," or "]"');
    return result;
  }

  #open(depth: number): void {
    if (depth > JSON_DEPTH_MAX)
      throw this.#error(this.#at, `more than ${JSON_DEPTH_MAX} objects and arrays within each other`);
    this.#at += 1;
    this.#skipSpace();
  }

  #string(): string {
    const at = this.#at;
    plainString.lastIndex = at;
    const plain = plainString.exec(this.#text);
    const whole = plain?.[0] ?? this.#match(anyString);
    if (whole === undefined)
      throw this.#error(at, "text that does not end, or holds a character or escape that JSON has not");
    if (plain !== null) {
      this.#at += whole.length;
      this.#skipSpace();
    }
    const text = plain === null ? (JSON.parse(whole) as string) : whole.slice(1, -1);
    if (loneSurrogate.test(text)) throw this.#error(at, "text with half of a surrogate pair, which UTF-8 cannot write");
    return text;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skipSpace();
    return found;
  }

  #take(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
  }

  #token(): string {
    token.lastIndex = this.#at;
    return token.exec(this.#text)?.[0] ?? "";
  }

  #unexpected(wanted: string): JsonFormatError {
    const found = this.#token();
    return this.#error(
      this.#at,
      found === "" ? `unexpected end, expected ${wanted}` : `unexpected ${JSON.stringify(found)}, expected ${wanted}`,
    );
  }

  #error(at: number, what: string): JsonFormatError {
    const before = this.#text.slice(0, at);
    const line = before.split("\n").length;
    const column = before.length - before.lastIndexOf("\n");
    return new JsonFormatError(`Cannot read JSON at line ${line}, column ${column}: ${what}`);
  }
}

function toNumber(text: string): number | bigint {
  const value = Number(text);
  // Longer ones are no 64-bit numbers, and turning text into a bigint takes time that grows with its square.
  if (Number.isSafeInteger(value) || text.length > INT64_DIGITS_MAX || !/^-?\d+$/.test(text)) return value;
  const whole = BigInt(text);
  return whole >= INT64_MIN && whole <= INT64_MAX ? whole : value;
}
