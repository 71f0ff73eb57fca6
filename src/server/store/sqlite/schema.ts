import { randomInt } from "node:crypto";
import { addAttributeIndex } from "./attribute-migration.ts";
import { inTransaction, type SqliteDriver } from "./driver.ts";
import { DatabaseDamagedError, SchemaTooNewError } from "../store-error.ts";

/** Marks a file as ours in its header: "PERD". */
const APPLICATION_ID = 0x50455244;

/** Step `n` takes a file from version `n` to `n + 1`. Only ever append: older files are in the world. */
const migrations: readonly ((driver: SqliteDriver) => void)[] = [createTables, addCommitLog, addAttributeIndex];

/** The schema that this version of the package writes. */
export const SCHEMA_VERSION = migrations.length;

/**
 * Brings an open database to {@link SCHEMA_VERSION}.
 *
 * @throws {SchemaTooNewError} If a newer version of this package wrote it.
 * @throws {DatabaseDamagedError} If it belongs to another program.
 */
export function migrate(driver: SqliteDriver, path: string): void {
  const version = pragma(driver, "user_version");
  if (pragma(driver, "application_id") !== APPLICATION_ID) {
    const [tables] = driver.query("SELECT count(*) AS count FROM sqlite_schema", []);
    if (tables?.["count"] !== 0 || version !== 0) {
      throw new DatabaseDamagedError(
        `Cannot open "${path}": it is an SQLite database of another program, expected a new file or one that Perdure wrote`,
      );
    }
  }
  if (version > SCHEMA_VERSION) {
    throw new SchemaTooNewError(
      `Cannot open "${path}": its schema has version ${version}, this program knows up to version ${SCHEMA_VERSION}; use a newer version of Perdure`,
    );
  }
  if (version === SCHEMA_VERSION) return;
  inTransaction(driver, () => {
    for (const migration of migrations.slice(version)) migration(driver);
    driver.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    driver.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function pragma(driver: SqliteDriver, name: "user_version" | "application_id"): number {
  return driver.query(`PRAGMA ${name}`, [])[0]?.[name] as number;
}

/**
 * The log is append-only with a growing key, because inserting in key order is ten times slower than appending.
 * `close_key` is the close time, or a number above all times while the run is open: the order of the default list.
 */
function createTables(driver: SqliteDriver): void {
  driver.exec(`
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE namespaces (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
    CREATE TABLE runs (
      run_key INTEGER PRIMARY KEY,
      namespace INTEGER NOT NULL,
      workflow_id TEXT NOT NULL,
      run_id TEXT NOT NULL,
      is_open INTEGER NOT NULL,
      close_key INTEGER,
      start_time_ms INTEGER,
      status INTEGER,
      workflow_type TEXT,
      task_queue TEXT,
      execution_time_ms INTEGER,
      close_time_ms INTEGER,
      history_length INTEGER,
      history_size_bytes INTEGER,
      state_transition_count INTEGER,
      parent_workflow_id TEXT,
      parent_run_id TEXT,
      root_workflow_id TEXT,
      root_run_id TEXT,
      attributes TEXT,
      encoded_attributes BLOB,
      memo BLOB
    );
    CREATE UNIQUE INDEX runs_by_run_id ON runs (namespace, run_id);
    CREATE INDEX runs_by_workflow_id ON runs (namespace, workflow_id);
    CREATE INDEX runs_open ON runs (is_open) WHERE is_open = 1;
    CREATE INDEX runs_listed ON runs (namespace, close_key, start_time_ms);
    CREATE INDEX runs_by_type ON runs (namespace, workflow_type, close_key, start_time_ms);
    CREATE INDEX runs_by_status ON runs (namespace, status, close_key, start_time_ms);
    CREATE TABLE current_runs (
      namespace INTEGER NOT NULL,
      workflow_id TEXT NOT NULL,
      run_key INTEGER NOT NULL,
      PRIMARY KEY (namespace, workflow_id)
    ) WITHOUT ROWID;
    CREATE TABLE log (
      seq INTEGER PRIMARY KEY,
      run_key INTEGER NOT NULL,
      first_event_id INTEGER NOT NULL,
      event_count INTEGER NOT NULL,
      events BLOB NOT NULL,
      ops BLOB NOT NULL
    );
    CREATE INDEX log_by_run ON log (run_key, first_event_id);
    CREATE TABLE snapshots (
      run_key INTEGER PRIMARY KEY,
      through_seq INTEGER NOT NULL,
      next_event_id INTEGER NOT NULL,
      state BLOB NOT NULL
    );
    CREATE TABLE blobs (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (kind, id)
    ) WITHOUT ROWID;
  `);
  describeIndexes(driver);
}

/**
 * From here on commits lie in a log beside the file before they are in the tables, which a program that knows no log
 * would not see. The number in `log` ties the two files together; `applied` says how far the tables are.
 */
function addCommitLog(driver: SqliteDriver): void {
  driver.exec(`INSERT INTO meta (name, value) VALUES ('log', ${randomInt(2 ** 47)}), ('applied', 0)`);
}

/**
 * Tells the query planner once what a typical database looks like: rows in the index, then rows that agree in the first
 * column, the first two, and so on. Without this it may read a whole list in order to save itself the sorting of one row.
 */
function describeIndexes(driver: SqliteDriver): void {
  driver.exec(`
    ANALYZE sqlite_schema;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('runs', 'runs_by_run_id', '1000000 200000 1'),
      ('runs', 'runs_by_workflow_id', '1000000 200000 2'),
      ('runs', 'runs_open', '20000 20000'),
      ('runs', 'runs_listed', '1000000 200000 20 2'),
      ('runs', 'runs_by_type', '1000000 200000 10000 5 1'),
      ('runs', 'runs_by_status', '1000000 200000 30000 10 1'),
      ('log', 'log_by_run', '10000000 10 1');
    -- This connection reads what was written only now.
    ANALYZE sqlite_schema;
  `);
}
