import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { wordToken, type Token, type TokenKind } from "./filter-token.ts";

/** What stands after a backslash in a string, for what it means; any other character means itself. */
const escapes: Readonly<Record<string, number>> = { "0": 0, b: 8, n: 10, r: 13, t: 9, Z: 26 };

/** Longest first, so that none hides another. */
const symbols = "<=> ->> <> << <= >= >> != && || -> = , ; ( ) + * % ^ ~ & | . / - < > !".split(" ");

/** Cuts a filter into tokens; the last is `end`, or `wrong` where no token can be made out. */
export function tokenize(filter: string): readonly Token[] {
  const lexer = new Lexer(utf8Bytes(filter));
  const tokens: Token[] = [];
  for (;;) {
    const token = lexer.next();
    tokens.push(token);
    if (token.kind === "end" || token.kind === "wrong") return tokens;
  }
}

/** Works on bytes, because the service counts positions in bytes. */
class Lexer {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): Token {
    const unclosed = this.#skipBlanksAndComments();
    if (unclosed !== undefined) return unclosed;
    const character = this.#peek();
    if (character === "") return this.#token("end", "");
    if (/[xX]/.test(character) && this.#peek(1) === "'") return this.#quotedDigits("hex", /[\da-fA-F]/);
    if (/[bB]/.test(character) && this.#peek(1) === "'") return this.#quotedDigits("bits", /[01]/);
    if (/[A-Za-z_@]/.test(character)) return wordToken(this.#take(/[\w@]/), this.#at);
    if (/\d/.test(character) || /\.\d/.test(character + this.#peek(1))) return this.#number();
    if (character === "'" || character === '"') return this.#string(character);
    if (character === "`") return this.#quotedName();
    if (character === ":" || character === "?") return this.#argument();
    return this.#symbol(character);
  }

  /** Stops at the next token; a comment that never ends is one, and wrong. */
  #skipBlanksAndComments(): Token | undefined {
    for (;;) {
      this.#take(/[ \n\r\t]/);
      const start = this.#at;
      if (this.#startsWith("#") || this.#startsWith("--") || this.#startsWith("//")) {
        this.#take(/[^\n]/);
      } else if (this.#startsWith("/*")) {
        this.#at += 2;
        while (!this.#startsWith("*/")) {
          if (this.#peek() === "") return this.#token("wrong", this.#textFrom(start));
          this.#at += 1;
        }
        this.#at += 2;
      } else {
        return undefined;
      }
    }
  }

  #quotedDigits(kind: "hex" | "bits", digit: RegExp): Token {
    this.#at += 2;
    const digits = this.#take(digit);
    if (this.#peek() !== "'") return this.#token("wrong", digits);
    this.#at += 1;
    return this.#token(kind === "hex" && digits.length % 2 === 1 ? "wrong" : kind, digits);
  }

  #number(): Token {
    const start = this.#at;
    let kind: TokenKind = "integer";
    if (/^0[xX]$/.test(this.#peek() + this.#peek(1))) {
      kind = "hexNumber";
      this.#at += 2;
      this.#take(/[\da-fA-F]/);
    } else {
      this.#take(/\d/);
      if (this.#peek() === ".") {
        kind = "float";
        this.#at += 1;
        this.#take(/\d/);
      }
      if (/[eE]/.test(this.#peek())) {
        kind = "float";
        this.#at += /[+-]/.test(this.#peek(1)) ? 2 : 1;
        this.#take(/\d/);
      }
    }
    return this.#token(/[A-Za-z_@]/.test(this.#peek()) ? "wrong" : kind, this.#textFrom(start));
  }

  /** A quote within is doubled or has a backslash before it. */
  #string(quote: string): Token {
    const bytes: number[] = [];
    this.#at += 1;
    for (;;) {
      const character = this.#peek();
      if (character === "" || (character === "\\" && this.#peek(1) === "")) {
        this.#at = this.#bytes.length;
        return this.#token("wrong", utf8Text(Uint8Array.from(bytes)));
      }
      if (character === "\\") {
        bytes.push(escapes[this.#peek(1)] ?? this.#bytes[this.#at + 1] ?? 0);
        this.#at += 2;
      } else if (character === quote && this.#peek(1) !== quote) {
        this.#at += 1;
        return this.#token("string", utf8Text(Uint8Array.from(bytes)));
      } else {
        bytes.push(this.#bytes[this.#at] ?? 0);
        this.#at += character === quote ? 2 : 1;
      }
    }
  }

  #quotedName(): Token {
    this.#at += 1;
    let name = "";
    for (;;) {
      name += this.#take(/[^`]/);
      if (this.#peek() === "") return this.#token("wrong", name);
      this.#at += 1;
      if (this.#peek() !== "`") return this.#token(name === "" ? "wrong" : "name", name);
      this.#at += 1;
      name += "`";
    }
  }

  #argument(): Token {
    if (this.#peek() === "?") {
      this.#at += 1;
      return this.#token("argument", ":v1");
    }
    const start = this.#at;
    this.#at += this.#startsWith("::") ? 2 : 1;
    const named = /[A-Za-z_@]/.test(this.#peek());
    if (named) this.#take(/[\w@.]/);
    return this.#token(named ? "argument" : "wrong", this.#textFrom(start));
  }

  #symbol(character: string): Token {
    const symbol = symbols.find((each) => this.#startsWith(each));
    this.#at += symbol?.length ?? 1;
    if (symbol !== undefined) return this.#token("symbol", symbol);
    // Of a character of several bytes the service shows the first, which by itself is none.
    return this.#token("wrong", character > "\u007f" ? "\uFFFD" : character);
  }

  #token(kind: TokenKind, text: string): Token {
    return { kind, text, endByte: this.#at };
  }

  /** The byte at an offset as a character; nothing past the end. */
  #peek(offset = 0): string {
    const byte = this.#bytes[this.#at + offset];
    return byte === undefined ? "" : String.fromCodePoint(byte);
  }

  #startsWith(text: string): boolean {
    for (let index = 0; index < text.length; index += 1) {
      if (this.#peek(index) !== text[index]) return false;
    }
    return true;
  }

  /** Takes bytes for as long as they match. */
  #take(wanted: RegExp): string {
    const start = this.#at;
    while (this.#peek() !== "" && wanted.test(this.#peek())) this.#at += 1;
    return this.#textFrom(start);
  }

  #textFrom(start: number): string {
    return utf8Text(this.#bytes.subarray(start, this.#at));
  }
}
