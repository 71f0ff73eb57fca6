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

/** The same of this SDK's own behaviour, recorded beside those of the core. Other SDKs' own have numbers from 1 on and other meanings. */
export const LangFlag = {
  /**
   * A cancellation is told after the ends of operations that come with it, and so reaches what the code does next. Before
   * this flag they came in the order of history, and an operation that had just ended could swallow the cancellation.
   */
  cancellationLast: 101,
} as const;
export type LangFlag = (typeof LangFlag)[keyof typeof LangFlag];

/** Which flags a run's history has recorded, and which its next completion must. */
export class SdkFlags {
  readonly #enabled: boolean;
  readonly #sdk: { readonly name: string; readonly version: string };
  #core: readonly number[] = [];
  #lang: readonly number[] = [];
  #newCore: readonly number[] = [];
  #newLang: readonly number[] = [];
  #lastName = "";
  #lastVersion = "";

  /** `enabled` is false for a server that cannot store flags: then none may be used, because replay would not know. */
  constructor(enabled: boolean, sdk: { readonly name: string; readonly version: string }) {
    this.#enabled = enabled;
    this.#sdk = sdk;
  }

  /** Flags of the runtime that history has recorded. */
  get lang(): readonly number[] {
    return this.#lang;
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
    this.#core = union(this.#core, sdkMetadata.coreUsedFlags);
    this.#lang = union(this.#lang, sdkMetadata.langUsedFlags);
    if (sdkMetadata.sdkName !== "") this.#lastName = sdkMetadata.sdkName;
    if (sdkMetadata.sdkVersion !== "") this.#lastVersion = sdkMetadata.sdkVersion;
  }

  /** Flags that the runtime used in an activation. */
  addLang(flags: readonly number[]): void {
    if (this.#enabled) this.#newLang = union(this.#newLang, flags);
  }

  /** True if history has the flag, or if it can still be recorded, which this then does. */
  use(flag: CoreFlag, mayRecord: boolean): boolean {
    if (!this.#enabled) return false;
    if (mayRecord) this.#newCore = union(this.#newCore, [flag]);
    return mayRecord || this.#core.includes(flag);
  }

  /** As {@link use}, of this SDK's own. */
  useLang(flag: LangFlag, mayRecord: boolean): boolean {
    if (!this.#enabled) return false;
    if (mayRecord) this.addLang([flag]);
    return mayRecord || this.#lang.includes(flag);
  }

  /** What the completion of the live task must record: all that history does not have. */
  take(): WorkflowTaskCompletedMetadata {
    if (!this.#enabled) return { coreUsedFlags: [], langUsedFlags: [], sdkName: "", sdkVersion: "" };
    const metadata = {
      coreUsedFlags: missing(this.#core, union(this.#newCore, Object.values(CoreFlag))),
      langUsedFlags: missing(this.#lang, this.#newLang),
      sdkName: this.#lastName === this.#sdk.name ? "" : this.#sdk.name,
      sdkVersion: this.#lastVersion === this.#sdk.version ? "" : this.#sdk.version,
    };
    this.#core = union(this.#core, metadata.coreUsedFlags);
    this.#lang = union(this.#lang, metadata.langUsedFlags);
    this.#newCore = [];
    this.#newLang = [];
    return metadata;
  }
}

/** The first list, and what only the second has; the first itself if that is nothing. */
function union(known: readonly number[], others: readonly number[]): readonly number[] {
  const added = others.filter((flag) => !known.includes(flag));
  return added.length === 0 ? known : [...known, ...new Set(added)];
}

/** Which of `flags` are not known, in ascending order. */
function missing(known: readonly number[], flags: readonly number[]): number[] {
  return flags.filter((flag) => !known.includes(flag)).toSorted((a, b) => a - b);
}
