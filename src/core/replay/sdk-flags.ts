import type { WorkflowTaskCompletedEventAttributes } from "../../proto/gen/history.ts";
import type { WorkflowTaskCompletedMetadata } from "../../proto/gen/sdk.ts";

/**
 * Changes of behaviour that a history may predate. The numbers are those of the SDKs' shared core and are recorded with
 * every workflow task, so that either reads the other's histories.
 */
export const CoreFlag = {
  /** Ids and types of activities, local activities and child workflows must match in replay. */
  idAndTypeChecks: 1,
  /** A patch also upserts the search attribute `TemporalChangeVersion`. */
  upsertOnPatch: 2,
  /** Commands issued after the one that ends the workflow still count; before this flag they were dropped. */
  moveTerminalCommands: 3,
} as const;
export type CoreFlag = (typeof CoreFlag)[keyof typeof CoreFlag];

/** Which flags a run's history has recorded, and which its next completion must. */
export class SdkFlags {
  readonly #enabled: boolean;
  readonly #sdk: { readonly name: string; readonly version: string };
  readonly #core = new Set<number>();
  readonly #lang = new Set<number>();
  readonly #newCore = new Set<number>();
  readonly #newLang = new Set<number>();
  #lastName = "";
  #lastVersion = "";

  /** `enabled` is false for a server that cannot store flags: then none may be used, because replay would not know. */
  constructor(enabled: boolean, sdk: { readonly name: string; readonly version: string }) {
    this.#enabled = enabled;
    this.#sdk = sdk;
  }

  /** Flags of the runtime that history has recorded. */
  get lang(): readonly number[] {
    return [...this.#lang];
  }

  /** Which SDK completed the last task that said so. */
  get lastSdk(): { readonly name: string; readonly version: string } | undefined {
    return this.#lastName === "" && this.#lastVersion === ""
      ? undefined
      : { name: this.#lastName, version: this.#lastVersion };
  }

  /** Takes the flags of a completed task. */
  observe({ sdkMetadata }: WorkflowTaskCompletedEventAttributes): void {
    if (!this.#enabled || sdkMetadata === undefined) return;
    for (const flag of sdkMetadata.coreUsedFlags) this.#core.add(flag);
    for (const flag of sdkMetadata.langUsedFlags) this.#lang.add(flag);
    if (sdkMetadata.sdkName !== "") this.#lastName = sdkMetadata.sdkName;
    if (sdkMetadata.sdkVersion !== "") this.#lastVersion = sdkMetadata.sdkVersion;
  }

  /** Flags that the runtime used in an activation. */
  addLang(flags: readonly number[]): void {
    if (this.#enabled) for (const flag of flags) this.#newLang.add(flag);
  }

  /** True if history has the flag, or if it can still be recorded, which this then does. */
  use(flag: CoreFlag, mayRecord: boolean): boolean {
    if (!this.#enabled) return false;
    if (mayRecord) this.#newCore.add(flag);
    return mayRecord || this.#core.has(flag);
  }

  /** What the completion of the live task must record: all that history does not have. */
  take(): WorkflowTaskCompletedMetadata {
    if (!this.#enabled) return { coreUsedFlags: [], langUsedFlags: [], sdkName: "", sdkVersion: "" };
    for (const flag of Object.values(CoreFlag)) this.#newCore.add(flag);
    const metadata = {
      coreUsedFlags: moveNew(this.#newCore, this.#core),
      langUsedFlags: moveNew(this.#newLang, this.#lang),
      sdkName: this.#lastName === this.#sdk.name ? "" : this.#sdk.name,
      sdkVersion: this.#lastVersion === this.#sdk.version ? "" : this.#sdk.version,
    };
    return metadata;
  }
}

function moveNew(from: Set<number>, known: Set<number>): number[] {
  const flags = [...from].filter((flag) => !known.has(flag)).toSorted((a, b) => a - b);
  for (const flag of flags) known.add(flag);
  from.clear();
  return flags;
}
