import { ExternalStorageError } from "../payload/external-storage.ts";
import type { StorageDriverClaim } from "../payload/storage-driver.ts";
import { Payload } from "../proto/gen/common.ts";
import { sha256 } from "./storage-key.ts";

/** A claim that says where a payload is and what its bytes hash to, in the words of the TypeScript SDK's drivers and in those of all others. */
export function claimOf(place: Readonly<Record<string, string>>, hash: string): StorageDriverClaim {
  const algorithm = "sha256";
  return {
    claimData: { ...place, hash_algorithm: algorithm, hash_value: hash, hashAlgorithm: algorithm, hashValue: hash },
  };
}

interface ClaimChecks {
  /** The payload. @throws {ExternalStorageError} If the bytes are not those that were stored. */
  readonly decode: (bytes: Uint8Array) => Payload;
  /** What to throw where so many bytes were found, more than were stored. */
  readonly tooLarge: (foundBytes: number) => ExternalStorageError;
}

/** What a claim says, and how to make sure that what was found is what was stored. */
export function readClaim<K extends string>(
  driverName: string,
  { claimData, sizeBytes }: StorageDriverClaim,
  names: readonly K[],
): Record<K, string> & ClaimChecks {
  // The TypeScript SDK's drivers have other names for these than those of all others.
  const { hash_algorithm: algorithm = claimData["hashAlgorithm"], hash_value: hash = claimData["hashValue"] } =
    claimData;
  const found: Readonly<Record<string, string | undefined>> = {
    ...claimData,
    hash_algorithm: algorithm,
    hash_value: hash,
  };
  const missing = [...names, "hash_algorithm", "hash_value"].filter((name) => (found[name] ?? "") === "");
  if (missing.length > 0)
    throw new ExternalStorageError(
      `Cannot retrieve a payload by driver '${driverName}': its claim is missing ${missing.join(", ")}`,
    );
  if (algorithm !== "sha256")
    throw new ExternalStorageError(
      `Cannot retrieve a payload by driver '${driverName}': found hash algorithm "${algorithm}", expected sha256`,
    );
  const place = Object.fromEntries(names.map((name) => [name, claimData[name] ?? ""])) as Record<K, string>;
  const tooLarge = (foundBytes: number): ExternalStorageError =>
    new ExternalStorageError(
      `Cannot retrieve a payload by driver '${driverName}': integrity check failed, expected ${sizeBytes} bytes at most, found ${foundBytes}`,
    );
  return {
    tooLarge,
    decode: (bytes) => {
      if (sizeBytes !== undefined && bytes.length > sizeBytes) throw tooLarge(bytes.length);
      const actual = sha256(bytes);
      if (actual !== hash)
        throw new ExternalStorageError(
          `Cannot retrieve a payload by driver '${driverName}': integrity check failed, expected sha256:${hash}, found sha256:${actual}`,
        );
      return Payload.decode(bytes);
    },
    ...place,
  };
}
