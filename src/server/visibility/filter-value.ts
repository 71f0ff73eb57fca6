import { IndexedValueType } from "../../proto/gen/enums.ts";
import { typeNameOf } from "../namespaces/search-attribute.ts";
import type { FilterAttribute } from "./filter-attribute.ts";
import type { FilterVocabulary } from "./vocabulary.ts";
import { parseFilterTime } from "./filter-datetime.ts";
import { parseFilterDuration } from "./filter-duration.ts";
import { meaninglessFilter, unsupportedFilter } from "./filter-error.ts";
import { printExpression, typeName, type FilterExpression, type Literal } from "./filter-expression.ts";

/** A value in the form in which the store compares it. */
export type FilterValue = string | number | boolean;

/** A value as it was written, of the type that the service's language gives it. */
type Written =
  | { readonly type: "int64" | "float64"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean };

/**
 * Reads what an attribute is compared with: one value, or several for a list in parentheses.
 *
 * @throws {RPCError} `INVALID_ARGUMENT` if it is no value, or none for this attribute.
 */
export function readValue(
  expression: FilterExpression,
  attribute: FilterAttribute,
): FilterValue | readonly FilterValue[] {
  if (expression.kind !== "tuple") return readSingle(expression, attribute);
  return expression.items.map((item) => readSingle(item, attribute));
}

/** Reads one value. @throws {RPCError} `INVALID_ARGUMENT` if it is none for this attribute. */
export function readSingle(expression: FilterExpression, attribute: FilterAttribute): FilterValue {
  switch (expression.kind) {
    case "literal":
      return convert(readLiteral(expression), attribute);
    case "boolean":
      return checkType({ type: "bool", value: expression.value }, attribute);
    case "unary":
      return readSigned(expression, attribute);
    case "function":
      throw unsupportedFilter(expression.name === "group_concat" ? "'group_concat'" : "nested func");
    case "column":
      throw unsupportedFilter(
        `column name on the right side of comparison expression (did you forget to quote ${JSON.stringify(expression.name)}?)`,
      );
    case "and":
    case "or":
    case "not":
    case "is":
    case "comparison":
    case "range":
    case "parenthesis":
    case "null":
    case "tuple":
    case "binary":
      throw meaninglessFilter(`unexpected value type ${typeName(expression)}`);
  }
}

function readSigned(expression: Extract<FilterExpression, { kind: "unary" }>, attribute: FilterAttribute): FilterValue {
  const { operator, operand } = expression;
  if (operator !== "-" && operator !== "+") {
    throw unsupportedFilter(`unary operator ${JSON.stringify(operator)}`);
  }
  const value = operand.kind === "literal" && operand.sort !== "string" ? readLiteral(operand) : undefined;
  if (value === undefined || typeof value.value !== "number") {
    throw meaninglessFilter(`unary operator not supported in ${JSON.stringify(printExpression(expression))}`);
  }
  const signed = operator === "-" ? -value.value : value.value;
  return convert({ type: value.type === "float64" ? "float64" : "int64", value: signed }, attribute);
}

function readLiteral(literal: Literal): Written {
  const { sort, text } = literal;
  if (sort === "string") return { type: "string", value: text };
  const integer = /^[+-]?\d+$/.test(text) && (sort === "integer" || sort === "bits" || sort === "hex");
  const float = sort === "float" && /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const value = integer || float ? Number(text) : NaN;
  if (Number.isFinite(value)) return { type: integer ? "int64" : "float64", value };
  throw meaninglessFilter(`unable to parse value ${JSON.stringify(printExpression(literal))}`);
}

function convert(written: Written, attribute: FilterAttribute): FilterValue {
  if (attribute.name === "ExecutionStatus") return toStatus(written, attribute.vocabulary);
  if (attribute.name === "ExecutionDuration") return toDurationMs(written);
  return checkType(written, attribute);
}

function checkType(written: Written, attribute: FilterAttribute): FilterValue {
  const { type, value } = written;
  switch (attribute.type) {
    case IndexedValueType.INT:
    case IndexedValueType.DOUBLE:
      if (type === "int64" || type === "float64") return value;
      break;
    case IndexedValueType.BOOL:
      if (type === "bool") return value;
      break;
    case IndexedValueType.DATETIME:
      if (type === "int64") return value / 1e6;
      if (type === "string") return toTimeMs(value);
      break;
    case IndexedValueType.KEYWORD:
    case IndexedValueType.KEYWORD_LIST:
    case IndexedValueType.TEXT:
      if (type === "string") return value;
      break;
    case IndexedValueType.UNSPECIFIED:
      break;
  }
  throw meaninglessFilter(
    `invalid value type for search attribute ${attribute.alias} of type ${typeNameOf(attribute.type)}: ${JSON.stringify(value)} (type: ${type})`,
  );
}

function toTimeMs(text: string): number {
  const timeMs = parseFilterTime(text);
  if (timeMs === undefined) throw meaninglessFilter(`unable to parse datetime '${text}'`);
  return timeMs;
}

function toDurationMs({ type, value }: Written): number {
  if (type === "int64") return value / 1e6;
  if (type !== "string") {
    throw meaninglessFilter(`unexpected value type ${type} for search attribute ExecutionDuration`);
  }
  const durationMs = parseFilterDuration(value);
  if (durationMs === undefined) {
    throw meaninglessFilter(`invalid duration value for search attribute ExecutionDuration: ${value}`);
  }
  return durationMs;
}

/** Stands for a status that nothing has. */
const NO_STATUS = -1;

function toStatus({ type, value }: Written, { statuses, refusesUnknownStatus }: FilterVocabulary): number {
  if (type === "int64") {
    if (statuses.isStatus(value)) return value;
    throw meaninglessFilter(`invalid ExecutionStatus value ${value}`);
  }
  if (type !== "string") {
    throw meaninglessFilter(`unexpected value type ${type} for search attribute ExecutionStatus`);
  }
  const status = statuses.ofName(value);
  if (status === undefined && !refusesUnknownStatus) return NO_STATUS;
  if (status === undefined) throw meaninglessFilter(`invalid ExecutionStatus value '${value}'`);
  return status;
}
