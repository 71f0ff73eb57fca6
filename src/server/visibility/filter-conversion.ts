import { IndexedValueType } from "../../proto/gen/enums.ts";
import { typeNameOf } from "../namespaces/search-attribute.ts";
import type { VisibilityFilter } from "../store/store.ts";
import { resolveAttribute, type AttributeTypes, type FilterAttribute } from "./filter-attribute.ts";
import { meaninglessFilter, unsupportedFilter } from "./filter-error.ts";
import { printExpression, typeName, type FilterExpression } from "./filter-expression.ts";
import { readSingle, readValue, type FilterValue } from "./filter-value.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

type Comparison = Extract<FilterExpression, { kind: "comparison" }>;
type Values = FilterValue | readonly FilterValue[];

const ordering = ["=", "!=", "<", ">", "<=", ">=", "in", "not in"];
const membership = ["=", "!=", "in", "not in"];
const operators: Readonly<Partial<Record<IndexedValueType, readonly string[]>>> = {
  [IndexedValueType.KEYWORD]: [...ordering, "starts_with", "not starts_with"],
  [IndexedValueType.KEYWORD_LIST]: membership,
  [IndexedValueType.TEXT]: ["=", "!="],
};
const rangeTypes: readonly IndexedValueType[] = [
  IndexedValueType.DATETIME,
  IndexedValueType.DOUBLE,
  IndexedValueType.INT,
  IndexedValueType.KEYWORD,
];

/** Gives the names and values of a filter their meaning, and remembers which attributes it named. */
export class FilterConverter {
  readonly #custom: AttributeTypes;
  readonly #vocabulary: FilterVocabulary | undefined;
  readonly #named = new Set<string>();

  constructor(custom: AttributeTypes, vocabulary?: FilterVocabulary) {
    this.#custom = custom;
    this.#vocabulary = vocabulary;
  }

  /** Whether the filter has named an attribute, by any of its names. */
  hasNamed(name: string): boolean {
    return this.#named.has(name);
  }

  /** @throws {RPCError} `INVALID_ARGUMENT` if the expression is no condition that the service accepts. */
  convert(expression: FilterExpression): VisibilityFilter {
    switch (expression.kind) {
      case "parenthesis":
        return this.convert(expression.inner);
      case "not":
        return { kind: "not", part: this.convert(expression.operand) };
      case "and":
      case "or":
        return { kind: expression.kind, parts: expression.parts.map((part) => this.convert(part)) };
      case "comparison":
        return this.#convertComparison(expression);
      case "range":
        return this.#convertRange(expression);
      case "is":
        return this.#convertIs(expression);
      case "function":
        throw unsupportedFilter("function expression");
      case "column":
        throw meaninglessFilter("incomplete expression");
      case "literal":
      case "boolean":
      case "null":
      case "tuple":
      case "unary":
      case "binary":
        throw unsupportedFilter(`expression of type ${typeName(expression)}`);
    }
  }

  /** @throws {RPCError} `INVALID_ARGUMENT` if the expression is not the name of a search attribute. */
  convertColumn(expression: FilterExpression): FilterAttribute {
    if (expression.kind !== "column") {
      throw meaninglessFilter(`must be a column name but was ${typeName(expression)}`);
    }
    const attribute = resolveAttribute(expression.name, this.#custom, this.#vocabulary);
    this.#named.add(attribute.name);
    return attribute;
  }

  #convertComparison({ left, operator, right }: Comparison): VisibilityFilter {
    const attribute = this.convertColumn(left);
    const values = readValue(right, attribute);
    if (attribute.type === IndexedValueType.TEXT) refuseWithoutTerms(attribute, values);
    if (!(operators[attribute.type] ?? ordering).includes(operator)) {
      throw unsupportedFilter(
        `operator '${operator.toUpperCase()}' not supported for ${typeNameOf(attribute.type)} type search attribute '${attribute.alias}'`,
      );
    }
    if (attribute.type === IndexedValueType.KEYWORD_LIST) {
      const condition = listCondition(attribute, operator, values, right);
      return negateIf(isNegative(operator), known(attribute, condition));
    }
    if (attribute.type === IndexedValueType.TEXT) {
      const condition = textCondition(attribute, values, right);
      return negateIf(isNegative(operator), known(attribute, condition));
    }
    return scalarCondition(attribute, operator, values, right);
  }

  #convertRange(range: Extract<FilterExpression, { kind: "range" }>): VisibilityFilter {
    const attribute = this.convertColumn(range.left);
    if (!rangeTypes.includes(attribute.type)) {
      throw meaninglessFilter(
        `cannot do range condition on search attribute '${attribute.alias}' of type ${typeNameOf(attribute.type)}`,
      );
    }
    const low = toOrdered(readSingle(range.low, attribute));
    const high = toOrdered(readSingle(range.high, attribute));
    return negateIf(range.negated, { kind: "between", field: attribute.field, low, high });
  }

  #convertIs({ operand, suffix }: Extract<FilterExpression, { kind: "is" }>): VisibilityFilter {
    const { field } = this.convertColumn(operand);
    if (suffix !== "null" && suffix !== "not null") {
      throw meaninglessFilter("'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'");
    }
    return negateIf(suffix === "not null", { kind: "isNull", field });
  }
}

function scalarCondition(
  attribute: FilterAttribute,
  operator: string,
  values: Values,
  written: FilterExpression,
): VisibilityFilter {
  const { field } = attribute;
  switch (operator) {
    case "in":
    case "not in":
      return negateIf(operator === "not in", { kind: "in", field, values: [values].flat() });
    case "starts_with":
    case "not starts_with": {
      if (typeof values !== "string") {
        const got = printValues(attribute, values);
        throw meaninglessFilter(`right-hand side of "${operator}" operator must be a literal string (got: ${got})`);
      }
      return negateIf(isNegative(operator), { kind: "startsWith", field, prefix: values });
    }
    default:
      return { kind: "compare", field, operator: operator as "=", value: single(values, written) };
  }
}

/** Values as the service's messages have them; statuses by their names. */
function printValues({ name, vocabulary }: FilterAttribute, values: Values): string {
  const print = (value: FilterValue): string =>
    name === "ExecutionStatus" && typeof value === "number" ? vocabulary.statuses.nameOf(value) : String(value);
  return typeof values === "object" ? `[${values.map(print).join(" ")}]` : print(values);
}

function listCondition(
  { field }: FilterAttribute,
  operator: string,
  values: Values,
  written: FilterExpression,
): VisibilityFilter {
  if (operator === "in" || operator === "not in") return { kind: "in", field, values: [values].flat() };
  return { kind: "compare", field, operator: "=", value: single(values, written) };
}

function textCondition(attribute: FilterAttribute, values: Values, written: FilterExpression): VisibilityFilter {
  return { kind: "matchesText", field: attribute.field, text: String(single(values, written)) };
}

function refuseWithoutTerms({ alias }: FilterAttribute, values: Values): void {
  for (const value of [values].flat()) {
    if (
      String(value)
        .split(" ")
        .some((term) => term !== "")
    )
      continue;
    throw meaninglessFilter(`no tokens found filtering on Text type search attribute ${alias}`);
  }
}

function single(values: Values, written: FilterExpression): FilterValue {
  if (typeof values !== "object") return values;
  throw meaninglessFilter(`unexpected value type (expected string, got ${printExpression(written)})`);
}

function toOrdered(value: FilterValue): string | number {
  return typeof value === "boolean" ? Number(value) : value;
}

/** Makes a condition on an absent list or text false instead of unknown, so that its opposite holds. */
function known({ field }: FilterAttribute, condition: VisibilityFilter): VisibilityFilter {
  return { kind: "and", parts: [{ kind: "not", part: { kind: "isNull", field } }, condition] };
}

function isNegative(operator: string): boolean {
  return operator === "!=" || operator.startsWith("not ");
}

function negateIf(negative: boolean, part: VisibilityFilter): VisibilityFilter {
  return negative ? { kind: "not", part } : part;
}
