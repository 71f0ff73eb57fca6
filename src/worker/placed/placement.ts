import { availableParallelism } from "node:os";
import type { Duration } from "../../core/time/duration.ts";
import { OptionsError } from "../worker-error.ts";

/** Where activities run, when not on the worker's own thread. */
export interface PlacementOptions {
  /** Threads or processes at most. @default one less than processors, at least 1 */
  readonly countMax?: number;
  /** Activities at once in each; more than one only makes sense for those that wait a lot. @default 1 */
  readonly activitiesEach?: number;
  /** Start all when the worker is created, not with the first activities that need them. @default false */
  readonly startAll?: boolean;
  /** Heap of each in megabytes. @default V8's own limit */
  readonly memoryMb?: number;
  /**
   * Ends the thread or process when an activity has not ended so long after it was asked to stop. Other activities that it
   * runs fail, to be tried again. @default never
   */
  readonly endAfterCancel?: Duration;
}

/** Activities of one module with the place where they run; made by {@link inThreads} and {@link inProcesses}. */
export class PlacedActivities {
  readonly place: "thread" | "process";
  /** What the module exports, for names and types; not called here. */
  readonly activities: object;
  readonly module: URL;
  readonly options: Required<Pick<PlacementOptions, "countMax" | "activitiesEach" | "startAll">> & PlacementOptions;

  /** @throws {OptionsError} If the module is no file, or a number is no positive integer. */
  constructor(place: "thread" | "process", activities: object, module: URL | string, options: PlacementOptions) {
    const url = URL.canParse(String(module)) ? new URL(module) : undefined;
    if (url?.protocol !== "file:") {
      throw new OptionsError(
        `Cannot place activities of module "${String(module)}": it is no URL of a file, make one of its path and the URL of your own module`,
      );
    }
    const { countMax = Math.max(1, availableParallelism() - 1), activitiesEach = 1, startAll = false } = options;
    for (const [name, value] of Object.entries({ countMax, activitiesEach })) {
      if (!Number.isSafeInteger(value) || value < 1) {
        throw new OptionsError(`Cannot place activities: "${name}" is ${value}, expected a positive integer`);
      }
    }
    this.place = place;
    this.activities = activities;
    this.module = url;
    this.options = { ...options, countMax, activitiesEach, startAll };
  }
}

/**
 * Runs a module's activities in threads, which leaves the worker's own thread free while they compute.
 *
 * The module is loaded in each thread by its URL; what it exports here serves for names and types only.
 *
 * @example
 * ```ts
 * import * as images from "./images.ts";
 *
 * const activities = inThreads(images, new URL("./images.ts", import.meta.url));
 * ```
 *
 * @throws {OptionsError} If the module is no file, or a number is no positive integer.
 */
export function inThreads(activities: object, module: URL | string, options: PlacementOptions = {}): PlacedActivities {
  return new PlacedActivities("thread", activities, module, options);
}

/**
 * As {@link inThreads}, in child processes: for code that may take its process down, or that is not made for threads.
 *
 * @throws {OptionsError} If the module is no file, or a number is no positive integer.
 */
export function inProcesses(
  activities: object,
  module: URL | string,
  options: PlacementOptions = {},
): PlacedActivities {
  return new PlacedActivities("process", activities, module, options);
}
