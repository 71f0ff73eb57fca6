import { ExternalStorageError } from "../payload/external-storage.ts";
import type { StorageDriver, StorageDriverClaim, StorageDriverStoreContext } from "../payload/storage-driver.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { GcsStorageDriverClient } from "./gcs-client.ts";
import { gcsObjectName } from "./gcs-object-name.ts";
import { mapLimited } from "./limited.ts";
import { encodeWithin, requirePayloadSize } from "./payload-size.ts";
import { claimOf, readClaim } from "./storage-claim.ts";
import { missingPayload } from "./storage-failure.ts";
import { sha256 } from "./storage-key.ts";

/** Objects of one batch that are sent or fetched at a time. */
const OBJECTS_MAX = 16;

/** How a {@link GcsStorageDriver} works. */
export interface GcsStorageDriverOptions {
  readonly client: GcsStorageDriverClient;
  /** Name of the bucket; a function chooses one for each payload. */
  readonly bucket: string | ((context: StorageDriverStoreContext, payload: Payload) => string);
  /** In references. @default "gcp.gcsdriver", as for the reference SDKs */
  readonly driverName?: string | undefined;
  /** Larger payloads are refused, in bytes. @default 52428800 (50 MiB) */
  readonly maxPayloadSize?: number | undefined;
}

interface Place {
  readonly bucket: string;
  readonly object: string;
}

/**
 * Keeps payloads in Google Cloud Storage, in the layout of the reference SDKs: they can read each other's. Claims carry the
 * names by which the TypeScript SDK's driver looks and those by which the Go SDK's does; either are read.
 */
export class GcsStorageDriver implements StorageDriver {
  readonly name: string;
  readonly type = "gcp.gcsdriver";
  readonly #options: GcsStorageDriverOptions;
  readonly #bytesMax: number;

  /** @throws {ExternalStorageError} If `maxPayloadSize` is not positive. */
  constructor(options: GcsStorageDriverOptions) {
    this.name = options.driverName ?? "gcp.gcsdriver";
    this.#options = options;
    this.#bytesMax = requirePayloadSize(this.name, options.maxPayloadSize);
  }

  store(context: StorageDriverStoreContext, payloads: readonly Payload[]): Promise<StorageDriverClaim[]> {
    const uploads = new Map<string, Promise<void>>();
    return mapAborting(payloads, async (payload, abortSignal) => {
      const { client, bucket: given } = this.#options;
      const bucket = typeof given === "function" ? given(context, payload) : given;
      const data = encodeWithin(this.name, payload, this.#bytesMax);
      const hash = sha256(data);
      const object = gcsObjectName(context.target, hash);
      const place = JSON.stringify([bucket, object]);
      const upload =
        uploads.get(place) ??
        this.#call("store", { bucket, object }, () => client.save(bucket, object, data, { abortSignal }));
      uploads.set(place, upload);
      await upload;
      return claimOf({ bucket, object, key: object }, hash);
    });
  }

  retrieve(_context: unknown, claims: readonly StorageDriverClaim[]): Promise<Payload[]> {
    return mapAborting(claims, async ({ claimData, sizeBytes: maxBytes }, abortSignal) => {
      const { object: named = claimData["key"] ?? "" } = claimData;
      const claim = { claimData: { ...claimData, object: named }, sizeBytes: maxBytes };
      const { bucket, object, decode } = readClaim(this.name, claim, ["bucket", "object"]);
      const options = { abortSignal, ...(maxBytes === undefined ? {} : { maxBytes }) };
      const bytes = await this.#call("retrieve", { bucket, object }, () =>
        this.#options.client.download(bucket, object, options),
      );
      if (bytes === undefined) throw missingPayload(this.name, object);
      return decode(bytes);
    });
  }

  async #call<T>(what: "store" | "retrieve", { bucket, object }: Place, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      const where = Object.entries({ bucket, object, ...this.#describe() }).map(([name, text]) => `${name}=${text}`);
      throw new ExternalStorageError(`GCS storage driver '${this.name}': ${what} failed [${where.join(", ")}]`, {
        cause,
      });
    }
  }

  /** What helps to find a mistake must not hide it. */
  #describe(): Readonly<Record<string, string>> {
    try {
      return this.#options.client.describe?.() ?? {};
    } catch {
      return {};
    }
  }
}

/** As `mapLimited`; the first error ends what is under way, and is the one that is thrown. */
function mapAborting<T, R>(items: readonly T[], map: (item: T, signal: AbortSignal) => Promise<R>): Promise<R[]> {
  const controller = new AbortController();
  return mapLimited(items, OBJECTS_MAX, async (item) => {
    try {
      return await map(item, controller.signal);
    } catch (error) {
      controller.abort(error);
      throw controller.signal.reason;
    }
  });
}
