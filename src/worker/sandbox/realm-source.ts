import { Realm } from "./realm.ts";
import type { BundledScript, WorkflowBundle } from "./workflow-bundle.ts";

/** How far runs are kept apart. */
export interface RealmOptions {
  /**
   * Gives every run a realm of its own: slower by some hundred times to start and heavier by some ten, for code that
   * trusts not even its libraries.
   *
   * @default false
   */
  readonly isStrict?: boolean;
}

/** Realms that differ in what is made of their globals; a program has one, or as many as its workers' restrictions. */
const REALMS_MAX = 8;

const realms = new WeakMap<BundledScript, WeakMap<BundledScript, Map<string, Realm>>>();

/** The realm of this thread for runs of a bundle; bundles that share the same modules share it. */
export function realmFor(bundle: WorkflowBundle, { isStrict = false }: RealmOptions = {}): Realm {
  if (isStrict) return new Realm(bundle);
  let ofSdk = realms.get(bundle.realm);
  if (ofSdk === undefined) realms.set(bundle.realm, (ofSdk = new WeakMap()));
  const shared = bundle.shared ?? bundle.realm;
  let ofGlobals = ofSdk.get(shared);
  if (ofGlobals === undefined) ofSdk.set(shared, (ofGlobals = new Map()));
  const key = JSON.stringify(bundle.globals ?? null);
  let realm = ofGlobals.get(key);
  if (realm === undefined) ofGlobals.set(key, (realm = new Realm(bundle)));
  const oldest = ofGlobals.keys().next();
  if (ofGlobals.size > REALMS_MAX && oldest.done === false) ofGlobals.delete(oldest.value);
  return realm;
}

/**
 * As {@link realmFor}, for a worker. Workers of one thread share a realm, as runs do, but not the libraries that runs share:
 * what these keep is the worker's.
 */
export function realmOfWorker(bundle: WorkflowBundle): Realm {
  return realmFor(bundle, { isStrict: bundle.shared !== undefined });
}
