/** What a column holds; integers are plain numbers. */
export type SqlValue = string | number | null | Uint8Array;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A statement prepared once and run many times, never while an earlier run of it is unfinished. */
export interface SqliteStatement {
  /** Runs a statement that returns no rows. */
  run(...params: readonly SqlValue[]): void;
  /** Runs a query to its end, so that it holds no lock afterwards. */
  all(...params: readonly SqlValue[]): readonly SqlRow[];
}

/** One connection to one file, synchronous, used by one thread. */
export interface SqliteDriver {
  /** Runs statements without parameters or results. */
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  /** Runs one query once, without keeping its statement. */
  query(sql: string, params: readonly SqlValue[]): readonly SqlRow[];
  /** Adds a function of two values to SQL that is true or false whenever it is asked for the same values. */
  defineTest(name: string, test: (left: SqlValue, right: SqlValue) => boolean): void;
  /** Frees all statements, then the file. */
  close(): void;
}

/** Opens the file at an absolute path, creating it if it is absent. */
export type OpenDriver = (path: string) => SqliteDriver;

/** Runs `work` in a transaction of its own; a throw undoes it. */
export function inTransaction(driver: SqliteDriver, work: () => void): void {
  driver.exec("BEGIN IMMEDIATE");
  try {
    work();
    driver.exec("COMMIT");
  } catch (error) {
    rollBack(driver);
    throw error;
  }
}

/** Undoes an open transaction. SQLite has often done so itself by the time an error is seen, which is no fault. */
export function rollBack(driver: SqliteDriver): void {
  try {
    driver.exec("ROLLBACK");
  } catch {
    // There is no transaction left to undo.
  }
}
