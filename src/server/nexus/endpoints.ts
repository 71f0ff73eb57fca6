import type { Clock } from "../../core/time/clock.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import { Endpoint, type EndpointSpec } from "../../proto/gen/nexus.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { failedPrecondition, notFound } from "../failures.ts";
import type { Store } from "../store/store.ts";

const BLOB_KIND = "nexusEndpoint";

/** Nexus endpoints of a server, kept in its store. A worker target names its namespace by its id. */
export class NexusEndpoints {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #byId = new Map<string, Endpoint>();
  readonly #byName = new Map<string, Endpoint>();

  constructor(store: Store, clock: Clock, newId: () => string) {
    this.#store = store;
    this.#clock = clock;
    this.#newId = newId;
    for (const { value } of store.blobs(BLOB_KIND)) this.#remember(Endpoint.decode(value));
  }

  findById(id: string): Endpoint | undefined {
    return this.#byId.get(id);
  }

  findByName(name: string): Endpoint | undefined {
    return this.#byName.get(name);
  }

  /** All endpoints in the order of their ids. */
  list(): readonly Endpoint[] {
    return [...this.#byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Adds an endpoint.
   *
   * @throws {RPCError} `ALREADY_EXISTS` if the name is taken.
   */
  async create(spec: EndpointSpec): Promise<Endpoint> {
    if (this.#byName.has(spec.name)) {
      throw new RPCError(
        RPCStatusCode.ALREADY_EXISTS,
        `error creating Nexus endpoint. Endpoint with name ${spec.name} already registered`,
      );
    }
    const createdTime = toTimestamp(this.#clock.now());
    return this.#write(Endpoint.create({ version: 1, id: this.#newId(), spec, createdTime }));
  }

  /**
   * Replaces what an endpoint says, if nobody else has done so meanwhile.
   *
   * @throws {RPCError} `NOT_FOUND`, or `FAILED_PRECONDITION` if the version is another one.
   */
  async update(id: string, version: number, spec: EndpointSpec): Promise<Endpoint> {
    const before = this.#byId.get(id);
    if (before === undefined) throw notFound(`error updating Nexus endpoint. endpoint ID ${id} not found`);
    if (version !== before.version) {
      throw failedPrecondition(`nexus endpoint version mismatch. received: ${version} expected ${before.version}`);
    }
    const lastModifiedTime = toTimestamp(this.#clock.now());
    return this.#write({ ...before, version: version + 1, spec, lastModifiedTime });
  }

  /** @throws {RPCError} `NOT_FOUND` if there is none of this id. */
  async remove(id: string): Promise<void> {
    const before = this.#byId.get(id);
    if (before === undefined) throw notFound(`error deleting nexus endpoint with ID: ${id}`);
    this.#forget(before);
    await this.#store.commit({ runs: [], blobs: [{ kind: BLOB_KIND, id, value: null }] });
  }

  async #write(endpoint: Endpoint): Promise<Endpoint> {
    const before = this.#byId.get(endpoint.id);
    if (before !== undefined) this.#forget(before);
    this.#remember(endpoint);
    await this.#store.commit({
      runs: [],
      blobs: [{ kind: BLOB_KIND, id: endpoint.id, value: Endpoint.encode(endpoint) }],
    });
    return endpoint;
  }

  #remember(endpoint: Endpoint): void {
    this.#byId.set(endpoint.id, endpoint);
    this.#byName.set(endpoint.spec?.name ?? "", endpoint);
  }

  #forget(endpoint: Endpoint): void {
    this.#byId.delete(endpoint.id);
    const name = endpoint.spec?.name ?? "";
    if (this.#byName.get(name)?.id === endpoint.id) this.#byName.delete(name);
  }
}
