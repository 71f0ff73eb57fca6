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

/** The attribute whose absence is a column of its own. */
const DIVISION = "TemporalNamespaceDivision";

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
      if (filter.operator === "!=") return test(filter.field, (of) => `${of} = ?`, [value], { negated: true, value });
      const sought = filter.operator === "=" ? { value } : {};
      return test(filter.field, (of) => `${of} ${filter.operator} ?`, [value], sought);
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
      return test(filter.field, (of) => `${of} BETWEEN ? AND ? || CAST(x'FF' AS TEXT)`, [prefix, prefix], { prefix });
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

function isNullToSql(field: VisibilityField): SqlPart {
  if (field.attribute === true && field.name === DIVISION) return { sql: "(is_own = 1)", params: [] };
  if (field.attribute !== true) return { sql: `(${visibilityColumn(field).sql} IS NULL)`, params: [] };
  return { sql: "(instr(attributes, ?) = 0)", params: [keyText(field)] };
}

/** The expression that a count groups by. */
export function fieldToSql(field: VisibilityField): SqlPart {
  if (field.attribute !== true) return { sql: visibilityColumn(field).sql, params: [] };
  return { sql: "json_extract(attributes, ?)", params: [attributePath(field)] };
}

/** What else is known of a condition. */
interface Sought {
  readonly negated?: true;
  /** What the attribute must equal. */
  readonly value?: SqlValue;
  /** What the attribute must start with. */
  readonly prefix?: string;
}

/**
 * A custom attribute holds one value or a list; `json_each` gives the one value or all elements of the list.
 *
 * Where only some text can match, rows that do not hold it at all are told without reading their JSON, which takes by far
 * the most time.
 */
function test(
  field: VisibilityField,
  condition: (operand: string) => string,
  params: readonly SqlValue[],
  sought: Sought = {},
): SqlPart {
  const not = sought.negated === true ? "NOT " : "";
  if (field.attribute !== true) {
    return { sql: `(${not}${condition(visibilityColumn(field).sql)})`, params };
  }
  const text = soughtText(sought);
  const unless = text === undefined ? "" : `WHEN instr(attributes, ?) = 0 THEN ${not}0 `;
  return {
    sql: `(CASE WHEN instr(attributes, ?) = 0 THEN NULL ${unless}ELSE ${not}EXISTS (SELECT 1 FROM json_each(attributes, ?) WHERE ${condition("value")}) END)`,
    params: [keyText(field), ...(text === undefined ? [] : [text]), attributePath(field), ...params],
  };
}

/** Text that the JSON of a matching row holds. */
function soughtText({ value, prefix }: Sought): string | undefined {
  if (typeof value === "string") return JSON.stringify(value);
  // Half a character at the end is written otherwise than in the whole text.
  if (prefix === undefined || /\p{Surrogate}/u.test(prefix)) return undefined;
  return JSON.stringify(prefix).slice(0, -1);
}

/** An attribute's key as the JSON of a row has it. Within values quotes are escaped, so that it is found nowhere else. */
function keyText(field: VisibilityField): string {
  return `${JSON.stringify(toAttributeKey(field.name))}:`;
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
