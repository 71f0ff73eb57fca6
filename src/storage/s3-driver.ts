import { ExternalStorageError } from "../payload/external-storage.ts";
import type { StorageDriver, StorageDriverClaim, StorageDriverStoreContext } from "../payload/storage-driver.ts";
import type { Payload } from "../proto/gen/common.ts";
import { mapLimited } from "./limited.ts";
import type { S3StorageDriverClient } from "./s3-client.ts";
import { missingPayload } from "./storage-failure.ts";
import { encodeWithin, requirePayloadSize } from "./payload-size.ts";
import { claimOf, readClaim } from "./storage-claim.ts";
import { sha256, storageKey } from "./storage-key.ts";

/** Objects of one batch that are sent or fetched at a time. */
const OBJECTS_MAX = 16;

/** How an {@link S3StorageDriver} works. */
export interface S3StorageDriverOptions {
  readonly client: S3StorageDriverClient;
  /** Name of the bucket or ARN of an access point; a function chooses one for each payload. */
  readonly bucket: string | ((context: StorageDriverStoreContext, payload: Payload) => string);
  /** In references. @default "aws.s3driver", as for the reference SDKs */
  readonly driverName?: string | undefined;
  /** Larger payloads are refused, in bytes. @default 52428800 (50 MiB) */
  readonly maxPayloadSize?: number | undefined;
}

/** Keeps payloads in Amazon S3 or what speaks its API, in the layout of the reference SDKs: they can read each other's. */
export class S3StorageDriver implements StorageDriver {
  readonly name: string;
  readonly type = "aws.s3driver";
  readonly #options: S3StorageDriverOptions;
  readonly #bytesMax: number;

  /** @throws {ExternalStorageError} If `maxPayloadSize` is not positive. */
  constructor(options: S3StorageDriverOptions) {
    this.name = options.driverName ?? "aws.s3driver";
    this.#options = options;
    this.#bytesMax = requirePayloadSize(this.name, options.maxPayloadSize);
  }

  store(context: StorageDriverStoreContext, payloads: readonly Payload[]): Promise<StorageDriverClaim[]> {
    return mapLimited(payloads, OBJECTS_MAX, async (payload) => {
      const { client, bucket: given } = this.#options;
      const bucket = typeof given === "function" ? given(context, payload) : given;
      const data = encodeWithin(this.name, payload, this.#bytesMax);
      const hash = sha256(data);
      const key = storageKey(context.target, hash);
      await this.#call("store", { bucket, key }, async () => {
        if (!(await client.objectExists({ bucket, key }))) await client.putObject({ bucket, key, data });
      });
      return claimOf({ bucket, key }, hash);
    });
  }

  retrieve(_context: unknown, claims: readonly StorageDriverClaim[]): Promise<Payload[]> {
    return mapLimited(claims, OBJECTS_MAX, async (claim) => {
      const { bucket, key, decode } = readClaim(this.name, claim, ["bucket", "key"]);
      const place = { bucket, key };
      const object = { ...place, maxBytes: claim.sizeBytes };
      const bytes = await this.#call("retrieve", place, () => this.#options.client.getObject(object));
      if (bytes === undefined) throw missingPayload(this.name, key);
      return decode(bytes);
    });
  }

  async #call<T>(
    what: "store" | "retrieve",
    { bucket, key }: { readonly bucket: string; readonly key: string },
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      const { region } = await this.#describe();
      const where = `bucket=${bucket}, key=${key}${region === undefined ? "" : `, client_region=${region}`}`;
      throw new ExternalStorageError(`S3 storage driver '${this.name}': ${what} failed [${where}]`, { cause });
    }
  }

  /** What helps to find a mistake must not hide it. */
  async #describe(): Promise<{ readonly region?: string | undefined }> {
    try {
      return (await this.#options.client.describe?.()) ?? {};
    } catch {
      return {};
    }
  }
}
