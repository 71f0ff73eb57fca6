import type { ExecutionState } from "../../core/execution/state.ts";
import type { BlobWrite, RunKey, Store } from "../store/store.ts";
import type { Draft } from "./transaction.ts";

const BLOB_KIND = "callbackRun";

/** Closed runs that have callbacks to tell: a start takes them up beside the open ones. */
export class CallbackRuns {
  readonly #keys = new Set<RunKey>();

  /** Reads what an earlier process has left. */
  open(store: Store): readonly RunKey[] {
    for (const { id } of store.blobs(BLOB_KIND)) this.#keys.add(Number(id));
    return [...this.#keys];
  }

  /** What a commit must write so that no callback is forgotten. */
  note(drafts: readonly Draft[]): readonly BlobWrite[] {
    const writes: BlobWrite[] = [];
    for (const { run, deleted } of drafts) {
      const tells = !deleted && run.state.phase === "closed" && hasCallbacksToTell(run.state);
      if (tells === this.#keys.has(run.key)) continue;
      if (tells) this.#keys.add(run.key);
      writes.push(
        ...(tells ? [{ kind: BLOB_KIND, id: String(run.key), value: new Uint8Array(0) }] : this.forget([run.key])),
      );
    }
    return writes;
  }

  /** What a commit must write that deletes runs. */
  forget(keys: readonly RunKey[]): readonly BlobWrite[] {
    return keys
      .filter((key) => this.#keys.delete(key))
      .map((key) => ({ kind: BLOB_KIND, id: String(key), value: null }));
  }
}

function hasCallbacksToTell({ callbacks }: ExecutionState): boolean {
  return callbacks.some(({ phase }) => phase === "scheduled" || phase === "backingOff");
}
