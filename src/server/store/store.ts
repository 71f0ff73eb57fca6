/** Identifies a run inside one store: assigned by the engine, unique, growing. */
export type RunKey = number;

/** What a list of workflow executions shows and filters by; replaced as a whole when any of it changes. */
export interface VisibilityRow {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** `temporal.api.enums.v1.WorkflowExecutionStatus`. */
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number;
  readonly executionTimeMs: number;
  readonly closeTimeMs: number | null;
  readonly historyLength: number;
  readonly historySizeBytes: number;
  readonly stateTransitionCount: number;
  readonly parentWorkflowId: string | null;
  readonly parentRunId: string | null;
  readonly rootWorkflowId: string;
  readonly rootRunId: string;
  /** Decoded search attributes by name: string, number, boolean, or list of strings; times as milliseconds since the epoch. */
  readonly searchAttributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Names of those search attributes that are text, which filters match by words; written, and not read back. @default none */
  readonly textAttributes?: readonly string[];
  /** Encoded `temporal.api.common.v1.Memo`. */
  readonly memo: Uint8Array;
  /** Encoded `temporal.api.common.v1.SearchAttributes`, as answered in lists. */
  readonly encodedSearchAttributes: Uint8Array;
}

/** One step of a run as it goes into the log: events and the operations that leave no event, in order. */
export interface RunRecord {
  /** Id of the first event in `events`; where there is none, the id that the next event will have. */
  readonly firstEventId: number;
  /** Encoded `HistoryEvent`s with consecutive ids. */
  readonly events: readonly Uint8Array[];
  /** Operations without events, encoded by the engine; empty when there are none. */
  readonly ops: Uint8Array;
}

/** Everything one commit changes of one run. */
export interface RunWrite {
  readonly key: RunKey;
  /** Makes the run known and, with `current`, the one that its workflow id stands for. */
  readonly create?: {
    readonly namespaceId: string;
    readonly workflowId: string;
    readonly runId: string;
    readonly current: boolean;
  };
  /** Appended to the run's log, in order. */
  readonly records?: readonly RunRecord[];
  /** A whole state that replaces the fold of all records up to and with those of this commit. */
  readonly snapshot?: Uint8Array;
  readonly visibility?: VisibilityRow;
  /** Open runs are returned by {@link Store.openRuns}; a close makes the run stop being one. */
  readonly closed?: true;
  /** Removes the run, its log, snapshot and visibility. */
  readonly deleted?: true;
}

/** A named blob of one kind: a namespace, schedule, endpoint, search attribute set or the like. `value: null` removes it. */
export interface BlobWrite {
  readonly kind: string;
  readonly id: string;
  readonly value: Uint8Array | null;
}

/** One atomic change: all of it is durable when the promise of {@link Store.commit} resolves, or none of it ever is. */
export interface Commit {
  readonly runs: readonly RunWrite[];
  readonly blobs?: readonly BlobWrite[];
}

/** How long a commit may take to become durable. */
export interface CommitOptions {
  /**
   * Nobody waits for what follows from it, so it may wait some milliseconds for another commit to share its sync with.
   *
   * @default false
   */
  readonly patient?: boolean;
}

export interface RunAddress {
  readonly key: RunKey;
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** A run as read back: the newest snapshot, if there is one, and the records after it. */
export interface StoredRun extends RunAddress {
  readonly snapshot: Uint8Array | null;
  readonly records: readonly RunRecord[];
}

/** A conjunction of simple conditions; richer filters are built on {@link VisibilityQuery.where} later. */
export interface VisibilityQuery {
  readonly namespaceId: string;
  /** SQL-free filter tree; absent means all. */
  readonly where?: VisibilityFilter | undefined;
  readonly pageSize: number;
  /** Opaque position from the page before. */
  readonly pageToken?: Uint8Array | undefined;
}

/** A column of {@link VisibilityRow} or, with `attribute`, a custom search attribute. */
export interface VisibilityField {
  readonly name: string;
  readonly attribute?: true;
}

export type VisibilityFilter =
  | { readonly kind: "and" | "or"; readonly parts: readonly VisibilityFilter[] }
  | { readonly kind: "not"; readonly part: VisibilityFilter }
  | {
      readonly kind: "compare";
      readonly field: VisibilityField;
      readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=";
      readonly value: string | number | boolean;
    }
  | {
      readonly kind: "in";
      readonly field: VisibilityField;
      readonly values: readonly (string | number | boolean)[];
    }
  | {
      readonly kind: "between";
      readonly field: VisibilityField;
      readonly low: string | number;
      readonly high: string | number;
    }
  | { readonly kind: "startsWith"; readonly field: VisibilityField; readonly prefix: string }
  | { readonly kind: "isNull"; readonly field: VisibilityField }
  /** Of a field among {@link VisibilityRow.textAttributes}: some term of `text`, terms being parted by spaces, occurs in the field as a word or as words in a row, whatever their case and accents. */
  | { readonly kind: "matchesText"; readonly field: VisibilityField; readonly text: string };

export interface VisibilityPage {
  /** Newest start first: ordered by close time (open runs first), then start time, then run id, all descending, as the service orders its default list. */
  readonly rows: readonly VisibilityRow[];
  /** Absent on the last page. */
  readonly nextPageToken?: Uint8Array;
}

/**
 * What the server keeps. Single writer: only one store may have a database open.
 *
 * Reads see every commit that was handed in, durable or not: the engine acknowledges nothing before `commit` resolves.
 * Commits become durable in the order in which they were handed in. After one has failed, every later call rejects with
 * `StoreFailedError`: what memory holds is ahead of the disk, and only a reopening puts that right.
 */
export interface Store {
  /** Everything handed in during one turn of the event loop, and while an earlier write is on its way to the disk, becomes one transaction. */
  commit(commit: Commit, options?: CommitOptions): Promise<void>;
  /** Highest run key ever assigned, 0 in a new store. */
  lastRunKey(): RunKey;
  /** Every open run in key order, as an iterator, so that a hundred thousand need not be in memory at once. */
  openRuns(): Iterable<StoredRun>;
  readRun(key: RunKey): StoredRun | undefined;
  /** The run that the workflow id stands for now. */
  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined;
  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined;
  /** Encoded events `fromEventId` ≤ id < `toEventId`, at most `maxEvents` of them and stopping early once `maxBytes` are reached (always at least one). */
  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[];
  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[];
  listRuns(query: VisibilityQuery): VisibilityPage;
  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: string | number | boolean | null; readonly count: number }[];
  /** Closed runs of a namespace that ended before the given instant, oldest first. */
  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[];
  /** Writes what is still on its way, then releases the file and its lock. Idempotent. */
  close(): Promise<void>;
}

export interface EventRange {
  readonly fromEventId: number;
  readonly toEventId: number;
  readonly maxEvents: number;
  readonly maxBytes: number;
}
