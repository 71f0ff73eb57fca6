import type { ListPosition } from "../list-order.ts";
import type { VisibilityField, VisibilityFilter } from "../store.ts";
import { entryValue, isIndexed, valueName } from "./attribute-index.ts";
import { toSqlText } from "./sql-text.ts";
import type { SqlPart } from "./visibility-sql.ts";

/** A way through a namespace's runs in the order of the list. */
export interface ListWalk {
  readonly from: SqlPart;
  /** Which of the runs on the way are listed. */
  readonly condition: SqlPart;
  readonly order: string;
}

const LIST_ORDER = "close_key DESC, start_time_ms DESC, run_id DESC";
const orderedIndexes: Readonly<Record<string, string>> = {
  workflowType: "runs_by_type",
  taskQueue: "runs_by_queue",
  status: "runs_by_status",
};

/** Whether an index has the list's order within something that must be equal. */
export function hasOrderedIndex(where: VisibilityFilter | undefined): boolean {
  return where !== undefined && conjuncts(where).some((part) => equalField(part) !== undefined);
}

/** The way to a page of selected runs, which lie in no order: only the page's own are read as a whole. */
export function selectedWalk(
  selected: SqlPart,
  condition: SqlPart,
  { after, limit }: { readonly after: ListPosition | undefined; readonly limit: number },
): ListWalk {
  const later = after === undefined ? { sql: "1", params: [] } : afterPosition(after);
  return {
    from: {
      sql: `(SELECT run_key AS of_page FROM (${selected.sql}) CROSS JOIN runs ON run_key = of_run
        WHERE ${condition.sql} AND ${later.sql} ORDER BY ${LIST_ORDER} LIMIT ?) CROSS JOIN runs ON run_key = of_page`,
      params: [...selected.params, ...condition.params, ...later.params, limit],
    },
    condition: { sql: "1", params: [] },
    order: LIST_ORDER,
  };
}

/**
 * Chooses an index that has the list's order within what must be equal, and says where in it a page begins. The planner
 * is given no choice: it knows nothing of how many runs have one value.
 */
export function walkOf(
  namespace: number,
  where: VisibilityFilter | undefined,
  { after, filter }: { readonly after: ListPosition | undefined; readonly filter: SqlPart },
): ListWalk {
  const parts = where === undefined ? [] : conjuncts(where);
  const byValue = parts.find((part) => equalField(part)?.attribute === true);
  if (byValue?.kind === "compare") {
    const entry = {
      sql: "owner = ? AND name = ? AND value = ?",
      params: [namespace, valueName(byValue.field.name), entryValue(byValue.value)],
    };
    return valueWalk([entry, filter], after);
  }
  const column = parts.map((part) => equalField(part)?.name).find((name) => name !== undefined);
  const index = column === undefined ? undefined : orderedIndexes[column];
  const limits = [filter, ...parts.flatMap(closeKeyLimit), ...(after === undefined ? [] : [afterPosition(after)])];
  return {
    from: { sql: `runs INDEXED BY ${index ?? "runs_listed"}`, params: [] },
    condition: allOf(limits),
    order: LIST_ORDER,
  };
}

function afterPosition({ closeKey, startTimeMs, runId }: ListPosition): SqlPart {
  return {
    sql: "(close_key, start_time_ms, run_id) < (?, ?, ?)",
    params: [closeKey, startTimeMs, toSqlText(runId)],
  };
}

function valueWalk(conditions: readonly SqlPart[], after: ListPosition | undefined): ListWalk {
  // The index does not have run ids, so that it leads to the beginning of those with the same times.
  const later =
    after === undefined
      ? []
      : [
          { sql: "(listed_key, listed_start_ms) <= (?, ?)", params: [after.closeKey, after.startTimeMs] },
          afterPosition(after),
        ];
  return {
    from: { sql: "run_attributes CROSS JOIN runs ON run_key = of_run", params: [] },
    condition: allOf([...conditions, ...later]),
    order: "listed_key DESC, listed_start_ms DESC, run_id DESC",
  };
}

function allOf(conditions: readonly SqlPart[]): SqlPart {
  return {
    sql: conditions.map((condition) => condition.sql).join(" AND "),
    params: conditions.flatMap((condition) => condition.params),
  };
}

function conjuncts(filter: VisibilityFilter): readonly VisibilityFilter[] {
  return filter.kind === "and" ? filter.parts.flatMap(conjuncts) : [filter];
}

/** The field that must equal a value, where an index has the list's order within it. */
function equalField(part: VisibilityFilter): VisibilityField | undefined {
  if (part.kind !== "compare" || part.operator !== "=") return undefined;
  const { field } = part;
  const known = field.attribute === true ? isIndexed(field.name) : Object.hasOwn(orderedIndexes, field.name);
  return known ? field : undefined;
}

/** A close time is the key of the list too; the key of an open run is above all times. */
function closeKeyLimit(part: VisibilityFilter): readonly SqlPart[] {
  if (part.kind === "between" && part.field.name === "closeTimeMs" && part.field.attribute !== true)
    return [{ sql: "close_key BETWEEN ? AND ?", params: [entryValue(part.low), entryValue(part.high)] }];
  if (part.kind !== "compare" || part.field.name !== "closeTimeMs" || part.field.attribute === true) return [];
  if (part.operator === "!=") return [];
  return [{ sql: `close_key ${part.operator} ?`, params: [entryValue(part.value)] }];
}
