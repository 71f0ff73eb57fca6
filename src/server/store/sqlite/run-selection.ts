import type { VisibilityField, VisibilityFilter } from "../store.ts";
import { termsOf } from "../text-match.ts";
import { entryValue, isIndexed, valueName, wordName } from "./attribute-index.ts";
import type { SqliteDriver, SqlValue } from "./driver.ts";
import { toSqlText } from "./sql-text.ts";
import type { SqlPart } from "./visibility-sql.ts";

/** Where so many runs or more may match, going through the list is quicker than looking them up and sorting them. */
const SELECTED_MAX = 10_000;
/** Conditions of one filter that are looked up, so that a large filter does not take long before it is even begun. */
const LOOKUPS_MAX = 32;

type Condition = (operand: string) => string;

/** Keys of all runs that a filter can match, and perhaps of others. */
interface Selection {
  /** Queries for column `of_run`; none selects nothing. */
  readonly queries: readonly SqlPart[];
  /** How many there are, or more than that. */
  readonly count: number;
}

interface ColumnIndex {
  readonly column: string;
  readonly index: string;
  /** What the index is limited to. */
  readonly where?: string;
}

const byWorkflowId: ColumnIndex = { column: "workflow_id", index: "runs_by_workflow_id" };

/** Indexes that together know all runs by a field. */
const columnIndexes: Readonly<Record<string, readonly ColumnIndex[]>> = {
  workflowId: [byWorkflowId],
  runId: [{ column: "run_id", index: "runs_by_run_id" }],
  workflowType: [{ column: "workflow_type", index: "runs_by_type" }],
  status: [{ column: "status", index: "runs_by_status" }],
  taskQueue: [{ column: "task_queue", index: "runs_by_queue" }],
  parentWorkflowId: [
    { column: "parent_workflow_id", index: "runs_by_parent", where: "parent_workflow_id IS NOT NULL" },
  ],
  // A run without a parent is its own root.
  rootWorkflowId: [
    { column: "root_workflow_id", index: "runs_by_root", where: "root_workflow_id <> workflow_id" },
    byWorkflowId,
  ],
};

/** Looks up in the indexes which runs of a namespace a filter can match, where those are few. */
export class RunSelector {
  readonly #query: SqliteDriver["query"];
  readonly #namespace: number;
  #lookups = 0;

  constructor(query: SqliteDriver["query"], namespace: number) {
    this.#query = query;
    this.#namespace = namespace;
  }

  /**
   * A query for column `of_run`, without duplicates; `undefined` where the list itself is the quicker way.
   *
   * @param countMax How many may be selected, where there is a better way to more than that.
   */
  select(where: VisibilityFilter, countMax = SELECTED_MAX): SqlPart | undefined {
    const selection = this.#select(where);
    if (selection === undefined || selection.count >= Math.min(countMax, SELECTED_MAX)) return undefined;
    const { queries } = selection;
    if (queries.length === 0) return { sql: "SELECT NULL AS of_run WHERE 0", params: [] };
    return {
      sql: `SELECT DISTINCT of_run FROM (${queries.map((query) => query.sql).join(" UNION ALL ")})`,
      params: queries.flatMap((query) => query.params),
    };
  }

  #select(filter: VisibilityFilter): Selection | undefined {
    switch (filter.kind) {
      case "and":
        return this.#selectLeast(filter.parts);
      case "or":
        return this.#selectAll(filter.parts.map((part) => () => this.#select(part)));
      case "not":
        return filter.part.kind === "isNull" ? this.#selectKnown(filter.part.field) : undefined;
      case "isNull":
        return undefined;
      case "matchesText":
        return this.#selectTerms(filter.field, filter.text);
      case "compare":
        if (filter.operator === "!=") return undefined;
        return this.#selectField(filter.field, (of) => `${of} ${filter.operator} ?`, [entryValue(filter.value)]);
      case "in": {
        const marks = filter.values.map(() => "?").join(", ");
        return this.#selectField(filter.field, (of) => `${of} IN (${marks})`, filter.values.map(entryValue));
      }
      case "between": {
        const limits = [entryValue(filter.low), entryValue(filter.high)];
        return this.#selectField(filter.field, (of) => `${of} BETWEEN ? AND ?`, limits);
      }
      case "startsWith": {
        const prefix = toSqlText(filter.prefix);
        return this.#selectField(filter.field, (of) => `${of} BETWEEN ? AND ? || CAST(x'FF' AS TEXT)`, [
          prefix,
          prefix,
        ]);
      }
    }
  }

  /** What all parts must match is among what any one of them can. */
  #selectLeast(parts: readonly VisibilityFilter[]): Selection | undefined {
    let least: Selection | undefined;
    for (const part of parts) {
      const selection = this.#select(part);
      if (selection !== undefined && (least === undefined || selection.count < least.count)) least = selection;
      if (least?.count === 0) break;
    }
    return least;
  }

  #selectAll(parts: readonly (() => Selection | undefined)[]): Selection | undefined {
    const queries: SqlPart[] = [];
    let count = 0;
    for (const part of parts) {
      const selection = part();
      if (selection === undefined) return undefined;
      count += selection.count;
      if (count >= SELECTED_MAX) return undefined;
      queries.push(...selection.queries);
    }
    return { queries, count };
  }

  #selectKnown(field: VisibilityField): Selection | undefined {
    return field.attribute === true || field.name === "parentWorkflowId"
      ? this.#selectField(field, (of) => `${of} IS NOT NULL`, [])
      : undefined;
  }

  /** A term's words are in the text, wherever; the least frequent word leads to the fewest runs. */
  #selectTerms(field: VisibilityField, text: string): Selection | undefined {
    if (field.attribute !== true) return undefined;
    const name = wordName(field.name);
    return this.#selectAll(
      termsOf(text).map((words) => () => {
        const selections = words.map((word) => this.#selectEntries(name, (of) => `${of} = ?`, [word]));
        return selections
          .filter((selection) => selection !== undefined)
          .reduce<Selection | undefined>(
            (least, each) => (least !== undefined && least.count <= each.count ? least : each),
            undefined,
          );
      }),
    );
  }

  #selectField(field: VisibilityField, condition: Condition, params: readonly SqlValue[]): Selection | undefined {
    if (field.attribute === true) {
      return isIndexed(field.name) ? this.#selectEntries(valueName(field.name), condition, params) : undefined;
    }
    const indexes = Object.hasOwn(columnIndexes, field.name) ? columnIndexes[field.name] : undefined;
    if (indexes === undefined) return undefined;
    return this.#selectAll(
      indexes.map(
        ({ column, index, where = "1" }) =>
          () =>
            this.#lookUp({
              sql: `SELECT run_key AS of_run FROM runs INDEXED BY ${index} WHERE namespace = ? AND ${condition(column)} AND ${where}`,
              params: [this.#namespace, ...params],
            }),
      ),
    );
  }

  #selectEntries(name: string, condition: Condition, params: readonly SqlValue[]): Selection | undefined {
    return this.#lookUp({
      sql: `SELECT of_run FROM run_attributes WHERE owner = ? AND name = ? AND ${condition("value")}`,
      params: [this.#namespace, name, ...params],
    });
  }

  #lookUp(query: SqlPart): Selection | undefined {
    if (this.#lookups >= LOOKUPS_MAX) return undefined;
    this.#lookups += 1;
    const [row] = this.#query(`SELECT count(*) AS count FROM (${query.sql} LIMIT ${SELECTED_MAX})`, query.params);
    const count = row?.["count"] as number;
    return { queries: count === 0 ? [] : [query], count };
  }
}
