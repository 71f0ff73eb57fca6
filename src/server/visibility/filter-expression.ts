/** Values that a filter can spell out. */
export interface Literal {
  readonly kind: "literal";
  readonly sort: "string" | "integer" | "float" | "hexNumber" | "hex" | "bits" | "argument";
  readonly text: string;
}

/** A filter as it was written, before anything is known of what its names mean. */
export type FilterExpression =
  | Literal
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterExpression[] }
  | { readonly kind: "not"; readonly operand: FilterExpression }
  | { readonly kind: "is"; readonly operand: FilterExpression; readonly suffix: string }
  | {
      readonly kind: "comparison";
      readonly left: FilterExpression;
      readonly operator: string;
      readonly right: FilterExpression;
    }
  | {
      readonly kind: "range";
      readonly left: FilterExpression;
      readonly negated: boolean;
      readonly low: FilterExpression;
      readonly high: FilterExpression;
    }
  | { readonly kind: "parenthesis"; readonly inner: FilterExpression }
  | { readonly kind: "column"; readonly name: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "tuple"; readonly items: readonly FilterExpression[] }
  | { readonly kind: "unary"; readonly operator: string; readonly operand: FilterExpression }
  | {
      readonly kind: "binary";
      readonly left: FilterExpression;
      readonly operator: string;
      readonly right: FilterExpression;
    }
  | { readonly kind: "function"; readonly name: string };

/** A whole filter with the clauses that may follow its condition. */
export interface FilterStatement {
  readonly where?: FilterExpression;
  readonly groupBy: readonly FilterExpression[];
  readonly orderBy: readonly FilterExpression[];
  readonly limited: boolean;
}

const typeNames: Readonly<Record<FilterExpression["kind"], string>> = {
  literal: "*sqlparser.SQLVal",
  and: "*sqlparser.AndExpr",
  or: "*sqlparser.OrExpr",
  not: "*sqlparser.NotExpr",
  is: "*sqlparser.IsExpr",
  comparison: "*sqlparser.ComparisonExpr",
  range: "*sqlparser.RangeCond",
  parenthesis: "*sqlparser.ParenExpr",
  column: "*sqlparser.ColName",
  boolean: "sqlparser.BoolVal",
  null: "*sqlparser.NullVal",
  tuple: "sqlparser.ValTuple",
  unary: "*sqlparser.UnaryExpr",
  binary: "*sqlparser.BinaryExpr",
  function: "*sqlparser.FuncExpr",
};

/** What the service's messages call this sort of expression. */
export function typeName(expression: FilterExpression): string {
  return typeNames[expression.kind];
}

/** The expression as the service's messages quote it. */
export function printExpression(expression: FilterExpression): string {
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression);
    case "and":
    case "or":
      return expression.parts.map(printExpression).join(` ${expression.kind} `);
    case "not":
      return `not ${printExpression(expression.operand)}`;
    case "is":
      return `${printExpression(expression.operand)} is ${expression.suffix}`;
    case "comparison":
    case "binary": {
      const { left, operator, right } = expression;
      return `${printExpression(left)} ${operator} ${printExpression(right)}`;
    }
    case "range": {
      const operator = expression.negated ? "not between" : "between";
      const [left, low, high] = [expression.left, expression.low, expression.high].map(printExpression);
      return `${left} ${operator} ${low} and ${high}`;
    }
    case "parenthesis":
      return `(${printExpression(expression.inner)})`;
    case "column":
      return expression.name;
    case "boolean":
      return String(expression.value);
    case "null":
      return "null";
    case "tuple":
      return `(${expression.items.map(printExpression).join(", ")})`;
    case "unary":
      return `${expression.operator}${printExpression(expression.operand)}`;
    case "function":
      return `${expression.name}()`;
  }
}

function printLiteral({ sort, text }: Literal): string {
  switch (sort) {
    case "string":
      return `'${text.replaceAll(/['"\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`)}'`;
    case "hex":
      return `X'${text}'`;
    case "bits":
      return `B'${text}'`;
    case "integer":
    case "float":
    case "hexNumber":
    case "argument":
      return text;
  }
}
