import { MemoryStore } from "./memory-store.ts";
import { StoreOpenError } from "./store-error.ts";
import type { Store } from "./store.ts";

export interface OpenStoreOptions {
  /** Settings of SQLite by name: synchronous, cache_size, wal_autocheckpoint, journal_size_limit, temp_store. @default none */
  readonly pragmas?: Readonly<Record<string, string>> | undefined;
}

/**
 * Opens the store at "memory:", "sqlite:PATH" or a plain path. SQLite is loaded only when a file is asked for.
 *
 * @throws {StoreError} What exactly is said at `openSqliteStore`.
 */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<Store> {
  if (address === "memory:") return new MemoryStore();
  const path = toPath(address);
  const { openSqliteStore } = await import("./sqlite/open-sqlite.ts");
  return await openSqliteStore(path, options);
}

function toPath(address: string): string {
  const path = address.startsWith("sqlite:") ? address.slice("sqlite:".length) : address;
  // A scheme has at least two letters, so that the drive letters of Windows are none.
  if (path === "" || /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new StoreOpenError(
      `Cannot open store "${address}": the address names no file, expected "memory:", "sqlite:PATH" or a path`,
    );
  }
  return path;
}
