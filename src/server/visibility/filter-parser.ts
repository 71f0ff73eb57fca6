import { syntaxError } from "./filter-error.ts";
import type { FilterExpression, FilterStatement } from "./filter-expression.ts";
import { tokenize } from "./filter-lexer.ts";
import type { Token } from "./filter-token.ts";

/** The service makes a whole statement of a filter, and counts positions in that. */
const STATEMENT_BYTES = "select * from table1 ".length;
const WHERE_BYTES = "where ".length;

/** Parentheses, negations and signs within each other. */
const NESTING_MAX = 200;

const comparisonSymbols = new Map(["=", "<", ">", "<=", ">=", "!=", "<=>"].map((symbol) => [symbol, symbol])).set(
  "<>",
  "!=",
);
const comparisonWords = ["like", "regexp", "rlike", "starts_with"];
const binarySymbols = ["&", "|", "^", "+", "-", "*", "/", "%", "<<", ">>", "->", "->>"];
const binaryWords = ["div", "mod"];
const unarySymbols = ["+", "-", "~", "!"];
/** Functions that need no parentheses. */
const bareFunctions = new Set(
  `current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp`.split(" "),
);
/** Keywords that are functions when a parenthesis follows. */
const wordFunctions = new Set([
  "group_concat",
  "if",
  "database",
  "mod",
  "replace",
  "left",
  "right",
  "substr",
  "substring",
]);

/**
 * Reads a filter, with the grammar and the messages of the service.
 *
 * @throws {RPCError} `INVALID_ARGUMENT` if it is not well formed.
 */
export function parseFilter(filter: string): FilterStatement {
  const clauseOnly = /^(order|group) by/i.test(filter);
  return new Parser(filter, STATEMENT_BYTES + (clauseOnly ? 0 : WHERE_BYTES)).statement(!clauseOnly);
}

/** Recursive descent; its depth is limited by {@link NESTING_MAX}. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #offsetBytes: number;
  #at = 0;
  #nesting = 0;

  constructor(filter: string, offsetBytes: number) {
    this.#tokens = tokenize(filter);
    this.#offsetBytes = offsetBytes;
  }

  statement(withWhere: boolean): FilterStatement {
    const where = withWhere ? this.#expression() : undefined;
    const groupBy = this.#acceptClause("group") ? this.#list() : [];
    // The service reads this clause and does nothing with it.
    if (this.#acceptWord("having")) this.#expression();
    const orderBy = this.#acceptClause("order") ? this.#orderList() : [];
    const limited = this.#acceptWord("limit");
    if (limited) {
      this.#expression();
      if (this.#accept(",") || this.#acceptName("offset")) this.#expression();
    }
    this.#accept(";");
    if (this.#peek().kind !== "end") this.#refuse();
    return { ...(where === undefined ? {} : { where }), groupBy, orderBy, limited };
  }

  #orderList(): readonly FilterExpression[] {
    const items: FilterExpression[] = [];
    do {
      items.push(this.#expression());
      if (!this.#acceptWord("asc")) this.#acceptWord("desc");
    } while (this.#accept(","));
    return items;
  }

  #list(): readonly FilterExpression[] {
    const items = [this.#expression()];
    while (this.#accept(",")) items.push(this.#expression());
    return items;
  }

  #expression(): FilterExpression {
    const parts = [this.#conjunction()];
    while (this.#acceptWord("or") || this.#accept("||")) parts.push(this.#conjunction());
    return combine("or", parts);
  }

  #conjunction(): FilterExpression {
    const parts = [this.#negation()];
    while (this.#acceptWord("and") || this.#accept("&&")) parts.push(this.#negation());
    return combine("and", parts);
  }

  #negation(): FilterExpression {
    if (!this.#acceptWord("not")) return this.#condition();
    return this.#nested(() => ({ kind: "not", operand: this.#negation() }));
  }

  #condition(): FilterExpression {
    const left = this.#value();
    let condition = this.#comparison(left) ?? left;
    while (this.#acceptWord("is")) {
      const negated = this.#acceptWord("not");
      const { text } = this.#take(["null", "true", "false"].includes(this.#peek().text));
      condition = { kind: "is", operand: condition, suffix: negated ? `not ${text}` : text };
    }
    return condition;
  }

  #comparison(left: FilterExpression): FilterExpression | undefined {
    const token = this.#peek();
    const symbol = token.kind === "symbol" ? comparisonSymbols.get(token.text) : undefined;
    if (symbol !== undefined) {
      this.#at += 1;
      return { kind: "comparison", left, operator: symbol, right: this.#value() };
    }
    const negated = this.#acceptWord("not");
    if (this.#acceptWord("between")) {
      const low = this.#value();
      this.#require("keyword", "and");
      return { kind: "range", left, negated, low, high: this.#value() };
    }
    if (this.#acceptWord("in")) {
      return {
        kind: "comparison",
        left,
        operator: negated ? "not in" : "in",
        right: this.#tuple(),
      };
    }
    const word = comparisonWords.find((each) => this.#acceptWord(each));
    if (word === undefined) {
      if (negated) this.#refuse();
      return undefined;
    }
    const operator = word === "rlike" ? "regexp" : word;
    const right = this.#value();
    if (operator === "like" && this.#acceptWord("escape")) this.#value();
    return { kind: "comparison", left, operator: negated ? `not ${operator}` : operator, right };
  }

  #tuple(): FilterExpression {
    this.#require("symbol", "(");
    return this.#nested(() => {
      const items = this.#list();
      this.#require("symbol", ")");
      return { kind: "tuple", items };
    });
  }

  /** No value with an operator in it is ever accepted, so that their precedence does not matter. */
  #value(): FilterExpression {
    let left = this.#operand();
    for (;;) {
      const operator =
        binarySymbols.find((symbol) => this.#accept(symbol)) ?? binaryWords.find((word) => this.#acceptWord(word));
      if (operator === undefined) return left;
      left = { kind: "binary", left, operator, right: this.#operand() };
    }
  }

  #operand(): FilterExpression {
    const symbol = unarySymbols.find((each) => this.#accept(each));
    if (symbol !== undefined) return this.#nested(() => applySign(symbol, this.#operand()));
    if (this.#acceptWord("binary")) {
      return this.#nested(() => ({ kind: "unary", operator: "binary ", operand: this.#operand() }));
    }
    return this.#primary();
  }

  #primary(): FilterExpression {
    const token = this.#peek();
    switch (token.kind) {
      case "name":
        this.#at += 1;
        return this.#accept("(") ? this.#call(token.text) : this.#column(token.text);
      case "keyword":
        return this.#word(token.text);
      case "symbol":
        return this.#parenthesis();
      case "wrong":
      case "end":
        return this.#refuse();
      case "string":
      case "integer":
      case "float":
      case "hexNumber":
      case "hex":
      case "bits":
      case "argument":
        this.#at += 1;
        return { kind: "literal", sort: token.kind, text: token.text };
    }
  }

  #word(word: string): FilterExpression {
    if (this.#acceptWord("true") || this.#acceptWord("false")) {
      return { kind: "boolean", value: word === "true" };
    }
    if (this.#acceptWord("null")) return { kind: "null" };
    if (!bareFunctions.has(word) && !wordFunctions.has(word)) return this.#refuse();
    this.#at += 1;
    if (this.#accept("(")) return this.#call(word);
    return bareFunctions.has(word) ? { kind: "function", name: word } : this.#refuse();
  }

  #call(name: string): FilterExpression {
    return this.#nested(() => {
      this.#acceptWord("distinct");
      if (!this.#accept("*") && this.#peek().text !== ")") this.#list();
      this.#require("symbol", ")");
      return { kind: "function", name };
    });
  }

  /** A name may be qualified by up to two others; after a dot a keyword is a name too. */
  #column(first: string): FilterExpression {
    const names = [first];
    while (names.length < 3 && this.#accept(".")) {
      names.push(this.#take(["name", "keyword"].includes(this.#peek().kind)).text);
    }
    return { kind: "column", name: names.join(".").replaceAll("`", "") };
  }

  #parenthesis(): FilterExpression {
    this.#require("symbol", "(");
    return this.#nested(() => {
      const items = this.#list();
      this.#require("symbol", ")");
      const [inner] = items;
      return items.length === 1 && inner !== undefined ? { kind: "parenthesis", inner } : { kind: "tuple", items };
    });
  }

  #nested(parse: () => FilterExpression): FilterExpression {
    this.#nesting += 1;
    if (this.#nesting === NESTING_MAX) this.#refuse("max nesting level reached", this.#at - 1);
    const expression = parse();
    this.#nesting -= 1;
    return expression;
  }

  #acceptClause(word: "group" | "order"): boolean {
    if (!this.#acceptWord(word)) return false;
    this.#require("keyword", "by");
    return true;
  }

  #accept(symbol: string): boolean {
    return this.#acceptToken("symbol", symbol);
  }

  #acceptWord(word: string): boolean {
    return this.#acceptToken("keyword", word);
  }

  #acceptName(name: string): boolean {
    return this.#acceptToken("name", name);
  }

  #acceptToken(kind: Token["kind"], text: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #require(kind: Token["kind"], text: string): void {
    if (!this.#acceptToken(kind, text)) this.#refuse();
  }

  #take(wanted: boolean): Token {
    const token = this.#peek();
    if (!wanted) this.#refuse();
    this.#at += 1;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", endByte: 0 };
  }

  #refuse(what = "syntax error", at = this.#at): never {
    const token = this.#tokens[at] ?? this.#peek();
    const near = token.kind === "symbol" ? "" : token.text;
    throw syntaxError(what, this.#offsetBytes + token.endByte + 1, near);
  }
}

function combine(kind: "and" | "or", parts: readonly FilterExpression[]): FilterExpression {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

/** The sign of a whole number belongs to the number; two minus signs undo each other. */
function applySign(operator: string, operand: FilterExpression): FilterExpression {
  const whole = operand.kind === "literal" && operand.sort === "integer";
  if (whole && operator === "+") return operand;
  if (whole && operator === "-") {
    const { text } = operand;
    return { ...operand, text: text.startsWith("-") ? text.slice(1) : `-${text}` };
  }
  return { kind: "unary", operator, operand };
}
