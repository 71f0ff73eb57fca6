import type { VisibilityField, VisibilityFilter } from "../store.ts";
import { visibilityColumn } from "../visibility-field.ts";
import type { SqlValue } from "./driver.ts";
import { toAttributeKey, toSqlText } from "./sql-text.ts";

/** A condition or expression with the values of its parameters, in order. */
export interface SqlPart {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The function that the store adds to SQLite: whether a text matches terms. */
export const MATCHES_TEXT = "matches_text";

type Scalar = string | number | boolean;

/** Translates a filter into a condition on table `runs`. */
export function filterToSql(filter: VisibilityFilter): SqlPart {
  switch (filter.kind) {
    case "and":
    case "or":
      return joinParts(filter.parts.map(filterToSql), filter.kind === "and" ? "AND" : "OR");
    case "not": {
      const part = filterToSql(filter.part);
      return { sql: `(NOT ${part.sql})`, params: part.params };
    }
    case "compare": {
      const value = toSqlValue(filter.value);
      if (filter.operator === "!=") return test(filter.field, (of) => `${of} = ?`, [value], "NOT ");
      return test(filter.field, (of) => `${of} ${filter.operator} ?`, [value]);
    }
    case "in": {
      const marks = filter.values.map(() => "?").join(", ");
      return test(filter.field, (of) => `${of} IN (${marks})`, filter.values.map(toSqlValue));
    }
    case "between": {
      const limits = [toSqlValue(filter.low), toSqlValue(filter.high)];
      return test(filter.field, (of) => `${of} BETWEEN ? AND ?`, limits);
    }
    case "startsWith": {
      // No UTF-8 text holds the byte FF, so prefix + FF is above everything that starts with the prefix.
      const prefix = toSqlText(filter.prefix);
      return test(filter.field, (of) => `${of} BETWEEN ? AND ? || CAST(x'FF' AS TEXT)`, [prefix, prefix]);
    }
    case "matchesText":
      // A function of our own cannot answer "unknown" by itself.
      return test(filter.field, (of) => `iif(${of} IS NULL, NULL, ${MATCHES_TEXT}(${of}, ?))`, [
        toSqlText(filter.text),
      ]);
    case "isNull":
      return isNullToSql(filter.field);
  }
}

/** Looks for the bare key first: most rows do not hold it, and finding that out is much cheaper than reading JSON. */
function isNullToSql(field: VisibilityField): SqlPart {
  if (field.attribute !== true) {
    return { sql: `(${visibilityColumn(field).sql} IS NULL)`, params: [] };
  }
  return {
    sql: "(instr(attributes, ?) = 0 OR json_type(attributes, ?) IS NULL)",
    params: [JSON.stringify(toAttributeKey(field.name)), attributePath(field)],
  };
}

/** The expression that a count groups by. */
export function fieldToSql(field: VisibilityField): SqlPart {
  if (field.attribute !== true) return { sql: visibilityColumn(field).sql, params: [] };
  return { sql: "json_extract(attributes, ?)", params: [attributePath(field)] };
}

/** A custom attribute holds one value or a list; `json_each` gives the one value or all elements of the list. */
function test(
  field: VisibilityField,
  condition: (operand: string) => string,
  params: readonly SqlValue[],
  not = "",
): SqlPart {
  if (field.attribute !== true) {
    return { sql: `(${not}${condition(visibilityColumn(field).sql)})`, params };
  }
  const path = attributePath(field);
  return {
    sql: `(CASE WHEN json_type(attributes, ?) IS NULL THEN NULL ELSE ${not}EXISTS (SELECT 1 FROM json_each(attributes, ?) WHERE ${condition("value")}) END)`,
    params: [path, path, ...params],
  };
}

/** Joins in halves of halves, since SQLite limits the depth of an expression and would chain a thousand parts as deep. */
function joinParts(parts: readonly SqlPart[], operator: "AND" | "OR"): SqlPart {
  const [first] = parts;
  if (first === undefined) return { sql: operator === "AND" ? "1" : "0", params: [] };
  if (parts.length === 1) return first;
  const middle = parts.length >> 1;
  const left = joinParts(parts.slice(0, middle), operator);
  const right = joinParts(parts.slice(middle), operator);
  return {
    sql: `(${left.sql} ${operator} ${right.sql})`,
    params: [...left.params, ...right.params],
  };
}

function attributePath(field: VisibilityField): string {
  return `$."${toAttributeKey(field.name)}"`;
}

function toSqlValue(value: Scalar): SqlValue {
  if (typeof value === "string") return toSqlText(value);
  return Number(value);
}
