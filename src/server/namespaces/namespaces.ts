import { NamespaceState } from "../../proto/gen/enums.ts";
import { namespaceAlreadyExists, namespaceNotFound } from "../failures.ts";
import type { Store } from "../store/store.ts";
import { decodeNamespace, encodeNamespace, newNamespace, type Namespace } from "./namespace.ts";

const BLOB_KIND = "namespace";

/** The namespaces of a server, kept in its store. */
export class Namespaces {
  readonly #store: Store;
  readonly #newId: () => string;
  readonly #byName = new Map<string, Namespace>();
  readonly #byId = new Map<string, Namespace>();

  constructor(store: Store, newId: () => string) {
    this.#store = store;
    this.#newId = newId;
    for (const { value } of store.blobs(BLOB_KIND)) this.#remember(decodeNamespace(value));
  }

  /** @throws {RPCError} `NOT_FOUND` if there is no such namespace. */
  get(name: string): Namespace {
    const namespace = this.#byName.get(name);
    if (namespace === undefined) throw namespaceNotFound(name);
    return namespace;
  }

  /** @throws {RPCError} `NOT_FOUND` if there is no such namespace. */
  getById(id: string): Namespace {
    const namespace = this.#byId.get(id);
    if (namespace === undefined) throw namespaceNotFound(id);
    return namespace;
  }

  find(name: string): Namespace | undefined {
    return this.#byName.get(name);
  }

  findById(id: string): Namespace | undefined {
    return this.#byId.get(id);
  }

  /** All namespaces that have not been deleted, in the order of their ids. */
  list(): readonly Namespace[] {
    return [...this.#byId.values()]
      .filter(({ state }) => state !== NamespaceState.DELETED)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Adds a namespace.
   *
   * @throws {RPCError} `ALREADY_EXISTS` if the name is taken.
   */
  async register(name: string, settings: Partial<Omit<Namespace, "id" | "name">> = {}): Promise<Namespace> {
    if (this.#byName.has(name)) throw namespaceAlreadyExists("Namespace already exists.");
    return this.update({ ...newNamespace(this.#newId(), name), ...settings });
  }

  /** Makes a namespace known by its name, or changes the one with its id. Resolves when that is durable. */
  async update(namespace: Namespace): Promise<Namespace> {
    this.#remember(namespace);
    await this.#store.commit({
      runs: [],
      blobs: [{ kind: BLOB_KIND, id: namespace.id, value: encodeNamespace(namespace) }],
    });
    return namespace;
  }

  /** Forgets a namespace. Its runs must be gone. */
  async remove(namespace: Namespace): Promise<void> {
    this.#byId.delete(namespace.id);
    this.#byName.delete(namespace.name);
    await this.#store.commit({ runs: [], blobs: [{ kind: BLOB_KIND, id: namespace.id, value: null }] });
  }

  #remember(namespace: Namespace): void {
    const before = this.#byId.get(namespace.id);
    if (before !== undefined && before.name !== namespace.name) this.#byName.delete(before.name);
    this.#byId.set(namespace.id, namespace);
    this.#byName.set(namespace.name, namespace);
  }
}
