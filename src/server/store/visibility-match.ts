import type { VisibilityFilter, VisibilityRow } from "./store.ts";
import { matchesText } from "./text-match.ts";
import { compareText } from "./text-order.ts";
import { fieldValue, type FieldValue } from "./visibility-field.ts";

type Scalar = string | number | boolean;

/** Three-valued, as in SQL: `null` where the row lacks a field that is compared. Only `true` puts a row in a list. */
export type Truth = boolean | null;

const comparisons = {
  "=": (order: number) => order === 0,
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
};

/** Evaluates a filter on one row. A list matches when any of its elements does, and differs (`!=`) when none is equal. */
export function matchFilter(filter: VisibilityFilter, row: VisibilityRow): Truth {
  switch (filter.kind) {
    case "and":
      return every(filter.parts.map((part) => matchFilter(part, row)));
    case "or":
      return negate(every(filter.parts.map((part) => negate(matchFilter(part, row)))));
    case "not":
      return negate(matchFilter(filter.part, row));
    case "isNull":
      return fieldValue(filter.field, row) === null;
    case "compare": {
      const value = fieldValue(filter.field, row);
      if (filter.operator === "!=") {
        return negate(some(value, (each) => compareScalars(each, filter.value) === 0));
      }
      const holds = comparisons[filter.operator];
      return some(value, (each) => holds(compareScalars(each, filter.value)));
    }
    case "in":
      return some(fieldValue(filter.field, row), (each) =>
        filter.values.some((wanted) => compareScalars(each, wanted) === 0),
      );
    case "between":
      return some(
        fieldValue(filter.field, row),
        (each) => compareScalars(each, filter.low) >= 0 && compareScalars(each, filter.high) <= 0,
      );
    case "matchesText":
      return some(fieldValue(filter.field, row), (each) => typeof each === "string" && matchesText(each, filter.text));
    case "startsWith":
      return some(fieldValue(filter.field, row), (each) => typeof each === "string" && each.startsWith(filter.prefix));
  }
}

/** Orders numbers (booleans count as 0 and 1) before strings, as SQLite does. */
export function compareScalars(left: Scalar, right: Scalar): number {
  if (typeof left === "string") return typeof right === "string" ? compareText(left, right) : 1;
  if (typeof right === "string") return -1;
  return Number(left) - Number(right);
}

function some(value: FieldValue, test: (each: Scalar) => boolean): Truth {
  if (value === null) return null;
  return typeof value === "object" ? value.some(test) : test(value);
}

function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}
