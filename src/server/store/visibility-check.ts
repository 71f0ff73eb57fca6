import { StoreQueryError } from "./store-error.ts";
import type { VisibilityFilter } from "./store.ts";
import { visibilityColumn } from "./visibility-field.ts";

/** Deepest nesting of a filter; the list language itself allows 200 levels, some of which become several here. */
const FILTER_DEPTH_MAX = 800;
/** Most conditions and values of a filter; SQLite's own limit on parameters is 32,766, and a condition has up to four. */
const FILTER_PARTS_MAX = 5000;

/**
 * Refuses a filter that a store could not evaluate, before it reaches the database.
 *
 * @throws {StoreQueryError} If it names an unknown column or is too large.
 */
export function checkFilter(filter: VisibilityFilter | undefined): void {
  if (filter === undefined) return;
  const parts = countParts(filter, 1);
  if (parts > FILTER_PARTS_MAX) {
    throw new StoreQueryError(
      `Cannot filter runs: the filter has ${parts} conditions and values, expected at most ${FILTER_PARTS_MAX}`,
    );
  }
}

function countParts(filter: VisibilityFilter, depth: number): number {
  if (depth > FILTER_DEPTH_MAX) {
    throw new StoreQueryError(
      `Cannot filter runs: the filter is nested more than ${FILTER_DEPTH_MAX} deep, expected a flatter one`,
    );
  }
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.parts.reduce((sum, part) => sum + countParts(part, depth + 1), 1);
    case "not":
      return countParts(filter.part, depth + 1);
    case "compare":
    case "in":
    case "between":
    case "startsWith":
    case "isNull":
    case "matchesText":
      if (filter.field.attribute !== true) visibilityColumn(filter.field);
      return filter.kind === "in" ? 1 + filter.values.length : 1;
  }
}
