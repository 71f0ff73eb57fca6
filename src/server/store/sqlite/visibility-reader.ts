import { decodeListPosition, encodeListPosition, listPosition } from "../list-order.ts";
import { StoreQueryError } from "../store-error.ts";
import type { RunAddress, VisibilityField, VisibilityFilter, VisibilityPage, VisibilityQuery } from "../store.ts";
import { matchesText } from "../text-match.ts";
import { checkFilter } from "../visibility-check.ts";
import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./driver.ts";
import { hasOrderedIndex, selectedWalk, walkOf } from "./list-walk.ts";
import type { NamespaceNumbers } from "./namespace-numbers.ts";
import { RunSelector } from "./run-selection.ts";
import { fromSqlText } from "./sql-text.ts";
import { toVisibilityRow, VISIBILITY_COLUMNS } from "./visibility-row.ts";
import { fieldToSql, filterToSql, MATCHES_TEXT, type SqlPart } from "./visibility-sql.ts";

/** Where an index has the order of the list, more runs than these are not worth looking up and sorting. */
const SORTED_MAX = 500;

type CountGroup = string | number | boolean | null;

/** Lists and counts runs by SQL made from filters; values always travel as parameters. */
export class VisibilityReader {
  readonly #driver: SqliteDriver;
  readonly #namespaces: NamespaceNumbers;
  readonly #closedBefore: SqliteStatement;

  constructor(driver: SqliteDriver, namespaces: NamespaceNumbers) {
    this.#driver = driver;
    this.#namespaces = namespaces;
    driver.defineTest(
      MATCHES_TEXT,
      (text, sought) =>
        typeof text === "string" && typeof sought === "string" && matchesText(fromSqlText(text), fromSqlText(sought)),
    );
    this.#closedBefore = driver.prepare(`SELECT run_key, workflow_id, run_id FROM runs
      WHERE namespace = ? AND close_key < ? AND is_open = 0 ORDER BY close_key, run_key LIMIT ?`);
  }

  listRuns(query: VisibilityQuery): VisibilityPage {
    checkFilter(query.where);
    const after = query.pageToken === undefined ? undefined : decodeListPosition(query.pageToken);
    const namespace = this.#numberOf(query);
    const filter = conditionOf(namespace, query.where);
    const limit = query.pageSize + 1;
    const selected = this.#select(namespace, query.where, hasOrderedIndex(query.where) ? SORTED_MAX : undefined);
    const walk =
      selected === undefined
        ? walkOf(namespace, query.where, { after, filter })
        : selectedWalk(selected, filter, { after, limit });
    const rows = this.#query(
      `SELECT workflow_id, run_id, ${VISIBILITY_COLUMNS.join(", ")} FROM ${walk.from.sql}
          WHERE ${walk.condition.sql} ORDER BY ${walk.order} LIMIT ?`,
      [...walk.from.params, ...walk.condition.params, limit],
    ).map((row) => toVisibilityRow(row, query.namespaceId));
    const page = rows.slice(0, query.pageSize);
    const last = page.at(-1);
    if (rows.length <= page.length || last === undefined) return { rows: page };
    return { rows: page, nextPageToken: encodeListPosition(listPosition(last)) };
  }

  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: CountGroup; readonly count: number }[] {
    checkFilter(query.where);
    const namespace = this.#numberOf(query);
    const selected = this.#select(namespace, query.where);
    const from =
      selected === undefined
        ? { sql: "runs", params: [] }
        : { sql: `(${selected.sql}) CROSS JOIN runs ON run_key = of_run`, params: selected.params };
    const condition = conditionOf(namespace, query.where);
    const group = groupBy === undefined ? { sql: "NULL", params: [] } : fieldToSql(groupBy);
    return this.#query(
      `SELECT ${group.sql} AS "group", count(*) AS count FROM ${from.sql} WHERE ${condition.sql}
          ${groupBy === undefined ? "" : "GROUP BY 1 ORDER BY 1"}`,
      [...group.params, ...from.params, ...condition.params],
    ).map(toCount);
  }

  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[] {
    const namespace = this.#namespaces.find(namespaceId);
    if (namespace === undefined) return [];
    return this.#closedBefore.all(namespace, closeTimeMs, limit).map((row) => ({
      key: row["run_key"] as number,
      namespaceId,
      workflowId: fromSqlText(row["workflow_id"] as string),
      runId: fromSqlText(row["run_id"] as string),
    }));
  }

  /** A filter may be too complex in ways that only SQLite can tell; that must not count as a failing database. */
  #query(sql: string, params: readonly SqlValue[]): readonly SqlRow[] {
    try {
      return this.#driver.query(sql, params);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!/too large|too many|stack overflow/i.test(reason)) throw error;
      throw new StoreQueryError(
        `Cannot filter runs: the filter is too complex (${reason}), expected fewer or flatter conditions`,
        { cause: error },
      );
    }
  }

  #select(namespace: number, where: VisibilityFilter | undefined, countMax?: number): SqlPart | undefined {
    if (where === undefined) return undefined;
    return new RunSelector((sql, params) => this.#query(sql, params), namespace).select(where, countMax);
  }

  /** Numbers start at 1, so that 0 stands for a namespace without runs. */
  #numberOf({ namespaceId }: Pick<VisibilityQuery, "namespaceId">): number {
    return this.#namespaces.find(namespaceId) ?? 0;
  }
}

function conditionOf(namespace: number, where: VisibilityFilter | undefined): SqlPart {
  const filter = where === undefined ? { sql: "1", params: [] } : filterToSql(where);
  return {
    sql: `namespace = ? AND close_key IS NOT NULL AND ${filter.sql}`,
    params: [namespace, ...filter.params],
  };
}

function toCount(row: SqlRow): { readonly group: CountGroup; readonly count: number } {
  const group = row["group"] as string | number | null;
  return {
    group: typeof group === "string" ? fromSqlText(group) : group,
    count: row["count"] as number,
  };
}
