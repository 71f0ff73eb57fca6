import type { ExecutionState } from "./state.ts";

/** What {@link rollback} needs. */
export type Savepoint = ExecutionState;

/** Begins to record changes, so that {@link rollback} can take them back. */
export function begin(state: ExecutionState): Savepoint {
  const saved = { ...state };
  state.journal = [];
  return saved;
}

/** Keeps the changes since {@link begin}. */
export function keep(state: ExecutionState): void {
  state.journal = undefined;
}

/** Takes back every change since {@link begin}. */
export function rollback(state: ExecutionState, saved: Savepoint): void {
  const journal = state.journal ?? [];
  for (let at = journal.length - 1; at >= 0; at--) {
    const [map, key, before] = journal[at] as (typeof journal)[number];
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  }
  Object.assign(state, saved);
}

/** Sets an entry of one of the state's maps. */
export function put<K, V>(state: ExecutionState, map: Map<K, V>, key: K, value: V): void {
  state.journal?.push([map, key, map.get(key)]);
  map.set(key, value);
}

/** Deletes an entry of one of the state's maps, if it is there. */
export function remove<K, V>(state: ExecutionState, map: Map<K, V>, key: K): void {
  const before = map.get(key);
  if (before === undefined) return;
  state.journal?.push([map, key, before]);
  map.delete(key);
}
