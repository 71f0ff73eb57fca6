import assert from "node:assert";
import { cutEvents, firstRecordFor } from "../event-range.ts";
import { joinIds } from "../joined-ids.ts";
import type { BlobWrite, Commit, EventRange, RunAddress, RunKey, RunRecord, RunWrite } from "../store.ts";

/** What is pending of one run. */
interface PendingRun {
  /** Commits that change it. */
  commits: number;
  /** Where the run's creation is pending: nothing of it is in the tables. */
  readonly created: RunAddress | undefined;
  readonly records: RunRecord[];
}

/** What {@link PendingCommits.readEvents} knows: the events, or in which place they are. */
export type EventsRead = readonly Uint8Array[] | "in the tables" | "in both";

/** Commits in their order that the tables do not have yet, and what they say about runs. */
export class PendingCommits {
  #commits: Commit[] = [];
  readonly #runs = new Map<RunKey, PendingRun>();
  readonly #current = new Map<string, RunAddress>();
  readonly #byRunId = new Map<string, RunAddress>();
  #deletions = 0;
  #lastRunKey = 0;

  get count(): number {
    return this.#commits.length;
  }

  /** Whether runs are among what is to be removed: then only the tables can say what is there. */
  get deletes(): boolean {
    return this.#deletions > 0;
  }

  /** Highest key of a run that was ever created here; 0 if none was. */
  get lastRunKey(): RunKey {
    return this.#lastRunKey;
  }

  has(key: RunKey): boolean {
    return this.#runs.has(key);
  }

  add(commit: Commit): void {
    this.#commits.push(commit);
    for (const write of commit.runs) this.#addRun(write);
  }

  /** Takes the oldest commits out, as one that changes the same. */
  take(count: number): Commit {
    const taken = this.#commits.slice(0, count);
    this.#commits = this.#commits.slice(count);
    for (const commit of taken) for (const write of commit.runs) this.#removeRun(write);
    return mergeCommits(taken);
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    return this.#current.get(joinIds(namespaceId, workflowId));
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    const found = this.#byRunId.get(joinIds(namespaceId, runId));
    return found?.workflowId === workflowId ? found : undefined;
  }

  readEvents(key: RunKey, range: EventRange): EventsRead {
    const run = this.#runs.get(key);
    const first = run?.records[0];
    if (run === undefined || (first === undefined && run.created === undefined)) return "in the tables";
    if (run.created === undefined && first !== undefined) {
      if (range.toEventId <= first.firstEventId) return "in the tables";
      if (range.fromEventId < first.firstEventId) return "in both";
    }
    const start = firstRecordFor(run.records, range.fromEventId);
    return cutEvents(run.records.slice(start), range);
  }

  #addRun(write: RunWrite): void {
    const run = this.#runs.get(write.key) ?? this.#firstOf(write);
    run.commits += 1;
    run.records.push(...(write.records ?? []));
    if (write.deleted === true) this.#deletions += 1;
  }

  #firstOf({ key, create }: RunWrite): PendingRun {
    const created = create === undefined ? undefined : { key, ...addressOf(create) };
    const run = { commits: 0, created, records: [] };
    this.#runs.set(key, run);
    if (created === undefined) return run;
    this.#lastRunKey = Math.max(this.#lastRunKey, key);
    this.#byRunId.set(joinIds(created.namespaceId, created.runId), created);
    if (create?.current === true) this.#current.set(joinIds(created.namespaceId, created.workflowId), created);
    return run;
  }

  #removeRun(write: RunWrite): void {
    const run = this.#runs.get(write.key);
    assert(run !== undefined);
    run.commits -= 1;
    run.records.splice(0, write.records?.length ?? 0);
    if (write.deleted === true) this.#deletions -= 1;
    if (run.created !== undefined) this.#removeAddress(run.created);
    if (run.commits === 0) this.#runs.delete(write.key);
    // The tables have its beginning now.
    else if (run.created !== undefined) this.#runs.set(write.key, { ...run, created: undefined });
  }

  #removeAddress(created: RunAddress): void {
    const byRunId = joinIds(created.namespaceId, created.runId);
    if (this.#byRunId.get(byRunId) === created) this.#byRunId.delete(byRunId);
    const current = joinIds(created.namespaceId, created.workflowId);
    if (this.#current.get(current) === created) this.#current.delete(current);
  }
}

/** One commit that changes what all of them change, in their order: a run that they only pass through is written once. */
export function mergeCommits(commits: readonly Commit[]): Commit {
  const runs = new Map<RunKey, RunWrite[]>();
  const blobs = new Map<string, BlobWrite>();
  for (const commit of commits) {
    for (const write of commit.runs) {
      const writes = runs.get(write.key);
      if (writes === undefined) runs.set(write.key, [write]);
      else mergeInto(writes, write);
    }
    for (const blob of commit.blobs ?? []) blobs.set(joinIds(blob.kind, blob.id), blob);
  }
  return { runs: [...runs.values()].flat(), blobs: [...blobs.values()] };
}

/** A snapshot stands for the records before it, so that later ones may not join it. */
function mergeInto(writes: RunWrite[], next: RunWrite): void {
  const last = writes.at(-1);
  assert(last !== undefined);
  const isApart = last.deleted ?? next.deleted ?? (last.snapshot !== undefined && next.records !== undefined);
  if (isApart) {
    writes.push(next);
    return;
  }
  writes[writes.length - 1] = {
    ...last,
    ...next,
    ...(last.records !== undefined && next.records !== undefined
      ? { records: [...last.records, ...next.records] }
      : {}),
  };
}

function addressOf({ namespaceId, workflowId, runId }: NonNullable<RunWrite["create"]>): Omit<RunAddress, "key"> {
  return { namespaceId, workflowId, runId };
}
