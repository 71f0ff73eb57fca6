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

const realms = new WeakMap<BundledScript, WeakMap<BundledScript, Realm>>();

/** The realm of this thread for runs of a bundle; bundles that share the same modules share it. */
export function realmFor(bundle: WorkflowBundle, { isStrict = false }: RealmOptions = {}): Realm {
  if (isStrict) return new Realm(bundle);
  let ofSdk = realms.get(bundle.realm);
  if (ofSdk === undefined) realms.set(bundle.realm, (ofSdk = new WeakMap()));
  const key = bundle.shared ?? bundle.realm;
  let realm = ofSdk.get(key);
  if (realm === undefined) ofSdk.set(key, (realm = new Realm(bundle)));
  return realm;
}
