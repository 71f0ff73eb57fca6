import { createHash } from "node:crypto";
import type { StorageDriver, StorageDriverClaim, StorageDriverStoreContext } from "../payload/storage-driver.ts";
import { Payload } from "../proto/gen/common.ts";
import { missingPayload } from "./storage-failure.ts";

/** Keeps payloads in this object: for tests, and for client and worker of one process. */
export class InMemoryStorageDriver implements StorageDriver {
  readonly name: string;
  readonly type = "perdure.memory";
  readonly #stored = new Map<string, Uint8Array>();

  /** @param name In references. */
  constructor(name = "perdure.memory") {
    this.name = name;
  }

  /** Payloads that are kept. */
  get size(): number {
    return this.#stored.size;
  }

  async store(_context: StorageDriverStoreContext, payloads: readonly Payload[]): Promise<StorageDriverClaim[]> {
    return payloads.map((payload) => {
      const bytes = Payload.encode(payload);
      const key = createHash("sha256").update(bytes).digest("hex");
      this.#stored.set(key, bytes);
      return { claimData: { key } };
    });
  }

  async retrieve(_context: unknown, claims: readonly StorageDriverClaim[]): Promise<Payload[]> {
    return claims.map(({ claimData: { key = "" } }) => {
      const bytes = this.#stored.get(key);
      if (bytes === undefined) throw missingPayload(this.name, key);
      return Payload.decode(bytes);
    });
  }

  /** Forgets all payloads. */
  clear(): void {
    this.#stored.clear();
  }
}
