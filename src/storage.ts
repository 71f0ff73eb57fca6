export type { Clock } from "./core/time/clock.ts";
export type { FileSystemStorageDriverOptions } from "./storage/file-driver.ts";
export { FileSystemStorageDriver } from "./storage/file-driver.ts";
export { InMemoryStorageDriver } from "./storage/memory-driver.ts";
