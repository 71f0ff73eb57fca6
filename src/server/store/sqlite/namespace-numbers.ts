import type { SqliteDriver, SqliteStatement } from "./driver.ts";
import { fromSqlText, toSqlText } from "./sql-text.ts";

/** Small numbers for namespace ids, so that each index entry does not repeat 36 characters. */
export class NamespaceNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<number, string>();
  readonly #insert: SqliteStatement;

  constructor(driver: SqliteDriver) {
    this.#insert = driver.prepare("INSERT INTO namespaces (number, id) VALUES (?, ?)");
    for (const row of driver.query("SELECT number, id FROM namespaces", [])) {
      this.#remember(row["number"] as number, fromSqlText(row["id"] as string));
    }
  }

  /** The number of a namespace, if any run was ever written in it. */
  find(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  /** The number of a namespace, given out and written now if it has none. */
  numberOf(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#insert.run(number, toSqlText(id));
    this.#remember(number, id);
    return number;
  }

  /** The namespace id of a stored number. */
  idOf(number: number): string {
    return this.#ids.get(number) ?? "";
  }

  #remember(number: number, id: string): void {
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
  }
}
