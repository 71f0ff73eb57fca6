import { decodeListPosition, encodeListPosition, listPosition } from "../list-order.ts";
import { StoreQueryError } from "../store-error.ts";
import type { RunAddress, VisibilityField, VisibilityPage, VisibilityQuery } from "../store.ts";
import { matchesText } from "../text-match.ts";
import { checkFilter } from "../visibility-check.ts";
import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./driver.ts";
import type { NamespaceNumbers } from "./namespace-numbers.ts";
import { fromSqlText, toSqlText } from "./sql-text.ts";
import { toVisibilityRow, VISIBILITY_COLUMNS } from "./visibility-row.ts";
import { fieldToSql, filterToSql, MATCHES_TEXT, type SqlPart } from "./visibility-sql.ts";

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
    const condition = this.#condition(query);
    const after = afterPosition(query.pageToken);
    const rows = this.#query(
      `SELECT workflow_id, run_id, ${VISIBILITY_COLUMNS.join(", ")} FROM runs WHERE ${condition.sql} AND ${after.sql}
          ORDER BY close_key DESC, start_time_ms DESC, run_id DESC LIMIT ?`,
      [...condition.params, ...after.params, query.pageSize + 1],
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
    const condition = this.#condition(query);
    if (groupBy === undefined) {
      const sql = `SELECT NULL AS "group", count(*) AS count FROM runs WHERE ${condition.sql}`;
      return this.#query(sql, condition.params).map(toCount);
    }
    const group = fieldToSql(groupBy);
    return this.#query(
      `SELECT ${group.sql} AS "group", count(*) AS count FROM runs WHERE ${condition.sql} GROUP BY 1 ORDER BY 1`,
      [...group.params, ...condition.params],
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

  #condition(query: Pick<VisibilityQuery, "namespaceId" | "where">): SqlPart {
    checkFilter(query.where);
    const where = query.where === undefined ? { sql: "1", params: [] } : filterToSql(query.where);
    return {
      sql: `namespace = ? AND close_key IS NOT NULL AND ${where.sql}`,
      // Numbers start at 1, so that 0 stands for a namespace without runs.
      params: [this.#namespaces.find(query.namespaceId) ?? 0, ...where.params],
    };
  }
}

function afterPosition(token: Uint8Array | undefined): SqlPart {
  if (token === undefined) return { sql: "1", params: [] };
  const { closeKey, startTimeMs, runId } = decodeListPosition(token);
  return {
    sql: "(close_key, start_time_ms, run_id) < (?, ?, ?)",
    params: [closeKey, startTimeMs, toSqlText(runId)],
  };
}

function toCount(row: SqlRow): { readonly group: CountGroup; readonly count: number } {
  const group = row["group"] as string | number | null;
  return {
    group: typeof group === "string" ? fromSqlText(group) : group,
    count: row["count"] as number,
  };
}
