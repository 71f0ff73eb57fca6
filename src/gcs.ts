export type {
  GcsClientOptions,
  GcsDownloadOptions,
  GcsRequestOptions,
  GcsStorageDriverClient,
} from "./storage/gcs-client.ts";
export { gcsClient } from "./storage/gcs-client.ts";
export type { GcsStorageDriverOptions } from "./storage/gcs-driver.ts";
export { GcsStorageDriver } from "./storage/gcs-driver.ts";
