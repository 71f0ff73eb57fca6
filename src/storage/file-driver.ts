import { dirname, join, resolve } from "node:path";
import type { Clock } from "../core/time/clock.ts";
import { ExternalStorageError } from "../payload/external-storage.ts";
import type { StorageDriver, StorageDriverClaim, StorageDriverStoreContext } from "../payload/storage-driver.ts";
import { Payload } from "../proto/gen/common.ts";
import { hostClock } from "../rpc/host-clock.ts";
import { sweepLeftovers } from "./leftover-files.ts";
import { mapLimited } from "./limited.ts";
import { keepFile, readKeptFile } from "./payload-file.ts";
import { claimOf, readClaim } from "./storage-claim.ts";
import { missingPayload } from "./storage-failure.ts";
import { sha256, storageKey } from "./storage-key.ts";

/** Files of one batch that are read or written at a time. */
const FILES_MAX = 8;
/** Nobody writes at a file for so long: it is what a crash has left. The clocks of machines that share the folder may differ by less. */
const LEFTOVER_AGE_MS = 24 * 3_600_000;
/** A folder is swept when a payload is stored in it, and not again for so long. */
const SWEEP_INTERVAL_MS = 3_600_000;

/** How a {@link FileSystemStorageDriver} works. */
export interface FileSystemStorageDriverOptions {
  /** Folder of the files; made when it is first needed. Clients and workers must share it. */
  readonly folder: string;
  /** In references. @default "perdure.file" */
  readonly name?: string | undefined;
  /** Tells how old files are that a crash has left half written: those of a day are removed. @default the host's clock */
  readonly clock?: Clock | undefined;
}

/** Keeps each payload in a file. A payload is on the disk before its reference is sent. */
export class FileSystemStorageDriver implements StorageDriver {
  readonly name: string;
  readonly type = "perdure.file";
  readonly #folder: string;
  readonly #clock: Clock;
  /** When each of the folders of files, 256 at most, was swept by this driver. */
  readonly #sweptMs = new Map<string, number>();

  constructor(options: FileSystemStorageDriverOptions) {
    this.name = options.name ?? "perdure.file";
    this.#folder = resolve(options.folder);
    this.#clock = options.clock ?? hostClock;
  }

  store({ target }: StorageDriverStoreContext, payloads: readonly Payload[]): Promise<StorageDriverClaim[]> {
    return mapLimited(payloads, FILES_MAX, async (payload) => {
      const bytes = Payload.encode(payload);
      const hash = sha256(bytes);
      const key = storageKey(target, hash);
      const path = this.#pathOf(key);
      await keepFile(path, bytes).catch((cause: unknown) => {
        throw this.#failure("store", cause);
      });
      await this.#sweep(dirname(path));
      return claimOf({ key }, hash);
    });
  }

  retrieve(_context: unknown, claims: readonly StorageDriverClaim[]): Promise<Payload[]> {
    return mapLimited(claims, FILES_MAX, async (claim) => {
      const { key, decode, tooLarge } = readClaim(this.name, claim, ["key"]);
      let bytes: Uint8Array;
      try {
        bytes = await readKeptFile(this.#pathOf(key), claim.sizeBytes, tooLarge);
      } catch (error) {
        if (codeOf(error) === "ENOENT") throw missingPayload(this.name, key);
        throw error instanceof ExternalStorageError ? error : this.#failure("retrieve", error);
      }
      return decode(bytes);
    });
  }

  async #sweep(folder: string): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs < (this.#sweptMs.get(folder) ?? -Infinity) + SWEEP_INTERVAL_MS) return;
    this.#sweptMs.set(folder, nowMs);
    await sweepLeftovers(folder, nowMs - LEFTOVER_AGE_MS);
  }

  #failure(what: "store" | "retrieve", cause: unknown): ExternalStorageError {
    const code = codeOf(cause) ?? "the file system failed";
    return new ExternalStorageError(`Cannot ${what} a payload by driver '${this.name}': ${code}, see the cause`, {
      cause,
    });
  }

  /** A key comes from a history: it must not lead out of the folder. Case may not matter to the file system, so names are hashed. */
  #pathOf(key: string): string {
    const name = sha256(new TextEncoder().encode(key));
    return join(this.#folder, name.slice(0, 2), name);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
