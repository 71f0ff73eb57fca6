import { utf8Text } from "../../../core/text/utf8.ts";
import { SearchAttributes } from "../../../proto/gen/common.ts";
import { attributeEntries, INSERT_ENTRY } from "./attribute-index.ts";
import type { SqliteDriver } from "./driver.ts";
import { attributesFromJson } from "./visibility-row.ts";

/** Runs whose attributes are read at a time. */
const RUNS_AT_ONCE = 1000;

/**
 * An index over search attributes, in the order of lists within one value. `is_own` says that a run belongs to no
 * division of the service's own, which nearly every list asks for: at the end of the lists' indexes it costs no look at
 * the run itself. Runs with a parent are found by it, and by their root.
 */
export function addAttributeIndex(driver: SqliteDriver): void {
  driver.exec(`
    CREATE TABLE run_attributes (
      owner INTEGER NOT NULL,
      name TEXT NOT NULL,
      value NOT NULL,
      listed_key INTEGER NOT NULL,
      listed_start_ms INTEGER NOT NULL,
      of_run INTEGER NOT NULL,
      PRIMARY KEY (owner, name, value, listed_key, listed_start_ms, of_run)
    ) WITHOUT ROWID;
    CREATE INDEX run_attributes_by_run ON run_attributes (of_run);
    ALTER TABLE runs ADD COLUMN is_own INTEGER
      GENERATED ALWAYS AS (instr(attributes, '"TemporalNamespaceDivision":') = 0) VIRTUAL;
    DROP INDEX runs_listed;
    DROP INDEX runs_by_type;
    DROP INDEX runs_by_status;
    CREATE INDEX runs_listed ON runs (namespace, close_key, start_time_ms, is_own);
    CREATE INDEX runs_by_type ON runs (namespace, workflow_type, close_key, start_time_ms, is_own);
    CREATE INDEX runs_by_status ON runs (namespace, status, close_key, start_time_ms, is_own);
    CREATE INDEX runs_by_queue ON runs (namespace, task_queue, close_key, start_time_ms, is_own);
    CREATE INDEX runs_by_parent ON runs (namespace, parent_workflow_id) WHERE parent_workflow_id IS NOT NULL;
    CREATE INDEX runs_by_root ON runs (namespace, root_workflow_id) WHERE root_workflow_id <> workflow_id;
  `);
  describeIndexes(driver);
  if (driver.query("SELECT 1 FROM runs LIMIT 1", []).length > 0) fillIndex(driver);
}

/** As for the first indexes: rows, and how many agree in the first column, the first two, and so on. */
function describeIndexes(driver: SqliteDriver): void {
  driver.exec(`
    DELETE FROM sqlite_stat1 WHERE idx IN ('runs_listed', 'runs_by_type', 'runs_by_status');
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('runs', 'runs_listed', '1000000 200000 20 2 2'),
      ('runs', 'runs_by_type', '1000000 200000 10000 5 1 1'),
      ('runs', 'runs_by_status', '1000000 200000 30000 10 1 1'),
      ('runs', 'runs_by_queue', '1000000 200000 30000 10 1 1'),
      ('runs', 'runs_by_parent', '100000 20000 20'),
      ('runs', 'runs_by_root', '100000 20000 20'),
      ('run_attributes', 'run_attributes', '1000000 200000 100000 1000 10 2 1'),
      ('run_attributes', 'run_attributes_by_run', '1000000 5');
    ANALYZE sqlite_schema;
  `);
}

function fillIndex(driver: SqliteDriver): void {
  const insert = driver.prepare(INSERT_ENTRY);
  const read =
    driver.prepare(`SELECT run_key, namespace, close_key, start_time_ms, attributes, encoded_attributes FROM runs
    WHERE run_key > ? AND attributes <> '{}' ORDER BY run_key LIMIT ${RUNS_AT_ONCE}`);
  for (let key = 0; ;) {
    const rows = read.all(key);
    for (const row of rows) {
      key = row["run_key"] as number;
      const searchAttributes = attributesFromJson(row["attributes"] as string);
      const textAttributes = textsAmong(row["encoded_attributes"] as Uint8Array);
      for (const { name, value } of attributeEntries({ searchAttributes, textAttributes })) {
        insert.run(row["namespace"] ?? null, name, value, row["close_key"] ?? null, row["start_time_ms"] ?? null, key);
      }
    }
    if (rows.length < RUNS_AT_ONCE) return;
  }
}

/** Rows of older files do not say which attributes are text, but their payloads do. */
function textsAmong(encoded: Uint8Array): readonly string[] {
  const { indexedFields } = SearchAttributes.decode(encoded);
  return Object.keys(indexedFields).filter((name) => {
    const type = indexedFields[name]?.metadata["type"];
    return type !== undefined && utf8Text(type) === "Text";
  });
}
