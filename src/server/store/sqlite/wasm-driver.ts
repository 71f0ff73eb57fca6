import { createRequire } from "node:module";
import type { SqliteDriver, SqliteStatement, SqlRow, SqlValue } from "./driver.ts";

const requireFromHere = createRequire(import.meta.url);

type WasmModule = typeof import("node-sqlite3-wasm");
type WasmDatabase = InstanceType<WasmModule["Database"]>;
type WasmStatement = ReturnType<WasmDatabase["prepare"]>;

/** SQLite compiled to WebAssembly, for Node versions without their own. It locks by a directory beside the file. */
export function loadWasmDriver(): (path: string) => SqliteDriver {
  // Not imported: for that its names would be looked for beforehand, and there are none before it has run.
  const sqlite = requireFromHere("node-sqlite3-wasm") as WasmModule;
  return (path) => new WasmDriver(new sqlite.Database(path));
}

/** The directory that the WebAssembly driver takes as its lock; a killed process leaves it behind. */
export function wasmLockDirectory(path: string): string {
  return `${path}.lock`;
}

class WasmDriver implements SqliteDriver {
  readonly #database: WasmDatabase;
  readonly #statements: WasmStatement[] = [];

  constructor(database: WasmDatabase) {
    this.#database = database;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    this.#statements.push(statement);
    return {
      run: (...params) => {
        statement.run([...params]);
      },
      // `get` of this driver would leave the statement, and with it a read lock, open.
      all: (...params) => statement.all([...params]) as unknown as readonly SqlRow[],
    };
  }

  query(sql: string, params: readonly SqlValue[]): readonly SqlRow[] {
    return this.#database.all(sql, [...params]) as unknown as readonly SqlRow[];
  }

  defineTest(name: string, test: (left: SqlValue, right: SqlValue) => boolean): void {
    this.#database.function(name, (left, right) => test(toPlain(left), toPlain(right)), {
      deterministic: true,
    });
  }

  close(): void {
    // An unfinalized statement would keep the file and its lock open.
    for (const statement of this.#statements.splice(0)) {
      try {
        statement.finalize();
      } catch {
        // It is freed all the same: SQLite only repeats the error of the statement's last run.
      }
    }
    this.#database.close();
  }
}

function toPlain(value: SqlValue | bigint | undefined): SqlValue {
  return typeof value === "bigint" ? Number(value) : (value ?? null);
}
