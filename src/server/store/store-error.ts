import { TemporalError } from "../../core/errors.ts";

/** Base of what can go wrong with a store. */
export abstract class StoreError extends TemporalError {
  static override readonly code: string = "TEMPORAL_STORE";
}

/** A commit or read failed, so that memory may be ahead of the disk: only closing the store and opening it again helps. */
export class StoreFailedError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_FAILED";
  override readonly name = "StoreFailedError";
}

/** The store was used after `close`. */
export class StoreClosedError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_CLOSED";
  override readonly name = "StoreClosedError";
}

/** The address or file cannot be opened: no such directory, no permission, unknown scheme, no driver. */
export class StoreOpenError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_OPEN";
  override readonly name = "StoreOpenError";
}

/** The file was written by a newer version of this package. */
export class SchemaTooNewError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_SCHEMA_TOO_NEW";
  override readonly name = "SchemaTooNewError";
}

/** The file is no database of this package, or its contents are damaged. */
export class DatabaseDamagedError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_DATABASE_DAMAGED";
  override readonly name = "DatabaseDamagedError";
}

/** Another process or thread has the database open. */
export class DatabaseLockedError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_DATABASE_LOCKED";
  override readonly name = "DatabaseLockedError";
}

/** A list query has a page token that this store did not give out, or a field that cannot be filtered by. */
export class StoreQueryError extends StoreError {
  static override readonly code: string = "TEMPORAL_STORE_QUERY";
  override readonly name = "StoreQueryError";
}
