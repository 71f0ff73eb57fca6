import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./driver.ts";

interface NodeStatement {
  run(...params: readonly SqlValue[]): unknown;
  all(...params: readonly SqlValue[]): readonly SqlRow[];
}

interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  function(
    name: string,
    options: { readonly deterministic: boolean },
    run: (left: SqlValue, right: SqlValue) => number,
  ): void;
  close(): void;
}

interface NodeSqlite {
  readonly DatabaseSync: { new (path: string): NodeDatabase; readonly prototype: NodeDatabase };
}

/** The SQLite that is built into Node; `undefined` where there is none, or one from before functions could be added (22.13). */
export function loadNodeDriver(): ((path: string) => SqliteDriver) | undefined {
  const sqlite = withoutWarning(() => process.getBuiltinModule?.("node:sqlite") as NodeSqlite | undefined);
  if (sqlite === undefined || !("function" in sqlite.DatabaseSync.prototype)) return undefined;
  return (path) => new NodeDriver(new sqlite.DatabaseSync(path));
}

class NodeDriver implements SqliteDriver {
  readonly #database: NodeDatabase;

  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    return {
      run: (...params) => {
        statement.run(...params.map(toBindable));
      },
      all: (...params) => statement.all(...params.map(toBindable)),
    };
  }

  query(sql: string, params: readonly SqlValue[]): readonly SqlRow[] {
    return this.#database.prepare(sql).all(...params.map(toBindable));
  }

  defineTest(name: string, test: (left: SqlValue, right: SqlValue) => boolean): void {
    this.#database.function(name, { deterministic: true }, (left, right) => Number(test(left, right)));
  }

  close(): void {
    this.#database.close();
  }
}

const noBytes = new Uint8Array(new ArrayBuffer(1), 0, 0);

/** Node binds an array over an empty buffer as NULL; one over a buffer with something in it becomes the empty blob it is. */
function toBindable(value: SqlValue): SqlValue {
  return value instanceof Uint8Array && value.length === 0 ? noBytes : value;
}

/** Node 22 warns that its SQLite is experimental, which users of a server cannot act on; other warnings pass. */
function withoutWarning<T>(load: () => T): T {
  // eslint-disable-next-line typescript/unbound-method -- It is put back as it was, and called on `process`.
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]): void => {
    if (!String(warning).includes("SQLite is an experimental feature")) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
