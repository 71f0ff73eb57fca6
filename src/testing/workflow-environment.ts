import { Client, Connection } from "../client/index.ts";
import { toDurationMs, type Duration } from "../core/time/duration.ts";
import type { Timestamp } from "../proto/gen/google/protobuf.ts";
import { Endpoint } from "../proto/gen/nexus.ts";
import { DirectTransport } from "../rpc/direct-transport.ts";
import { hostClock } from "../rpc/host-clock.ts";
import { assertionInterceptor } from "./assertion-interceptor.ts";
import {
  startEnvironmentServer,
  type EnvironmentServer,
  type EnvironmentStart,
  type LocalEnvironmentOptions,
  type RestoreOptions,
} from "./environment-server.ts";
import { decodeSnapshot, encodeSnapshot, SnapshotError, type EnvironmentState } from "./environment-snapshot.ts";
import { TimeSkippingInterceptor } from "./time-skipping-interceptor.ts";

/** What an environment is made of. */
interface Parts {
  readonly client: Client;
  readonly skipping?: TimeSkippingInterceptor | undefined;
  readonly own?: EnvironmentServer;
  readonly options?: LocalEnvironmentOptions;
}

// A sleep that time skipping cannot shorten lasts as long as it says; its call is given this much more.
const SLEEP_TAIL_MS = 60_000;

/**
 * A Temporal Service for tests, and a client of it. Workers are made with the client, as anywhere.
 *
 * An assertion that fails in the workflow code of such a worker fails the workflow with its message and line, and not
 * only the workflow task.
 */
export class WorkflowEnvironment implements AsyncDisposable {
  readonly client: Client;
  readonly #own: EnvironmentServer | undefined;
  readonly #skipping: TimeSkippingInterceptor | undefined;
  readonly #options: LocalEnvironmentOptions;

  private constructor({ client, own, skipping, options = {} }: Parts) {
    this.client = client;
    this.#own = own;
    this.#skipping = skipping;
    this.#options = options;
  }

  /**
   * Starts a whole server in this process, where time passes as it does.
   *
   * @throws {StoreError} If the database cannot be opened.
   * @throws {ListenError} If the address cannot be had.
   */
  static startLocal(options: LocalEnvironmentOptions = {}): Promise<WorkflowEnvironment> {
    return WorkflowEnvironment.#start({ options, timeSkipping: false });
  }

  /**
   * As {@link startLocal}, but time is skipped: while a workflow's result is waited for and no workflow task is
   * outstanding and no activity runs, the server's clock is put forward to the next timer or timeout.
   *
   * Time is one for all workflows of the environment, so it should test one thing at a time.
   */
  static startTimeSkipping(options: LocalEnvironmentOptions = {}): Promise<WorkflowEnvironment> {
    return WorkflowEnvironment.#start({ options, timeSkipping: true });
  }

  /**
   * An environment on any service, with a client like the one given: workers made with it fail workflows whose assertions
   * fail. Shutting the environment down leaves the connection open.
   */
  static fromClient(client: Client): WorkflowEnvironment {
    const interceptors = [...(client.options.interceptors ?? []), assertionInterceptor];
    return new WorkflowEnvironment({ client: new Client(client.connection, { ...client.options, interceptors }) });
  }

  /**
   * An environment that goes on where another was when its snapshot was taken: with its workflows, schedules, queues and
   * the time of its clock. Workers are made anew; what the former ones had taken up is tried again after its timeout.
   *
   * @param snapshot What {@link snapshot} returned, in this version of the package or an older one.
   * @throws {SnapshotError} If it is none, is damaged or comes from a newer version.
   */
  static restore(snapshot: Uint8Array, options: RestoreOptions = {}): Promise<WorkflowEnvironment> {
    const from = decodeSnapshot(snapshot);
    const { timeSkipping, namespace } = from;
    return WorkflowEnvironment.#start({ options: { namespace, ...options }, timeSkipping, from });
  }

  static async #start(start: EnvironmentStart): Promise<WorkflowEnvironment> {
    const { searchAttributes: _a, dbFilename: _b, dynamicConfig: _c, listen: _d, ...clientOptions } = start.options;
    const own = await startEnvironmentServer(start);
    const connection = new Connection(new DirectTransport(own.server.handler));
    await connection.connect();
    const skipping = start.timeSkipping ? new TimeSkippingInterceptor(connection) : undefined;
    const added = [assertionInterceptor, ...(skipping === undefined ? [] : [skipping])];
    const interceptors = [...(clientOptions.interceptors ?? []), ...added];
    const client = new Client(connection, { ...clientOptions, interceptors });
    return new WorkflowEnvironment({ client, skipping, own, options: start.options });
  }

  /** `host:port` of the server; `undefined` if it serves no gRPC, or is not the environment's own. */
  get address(): string | undefined {
    const address = this.#own?.server.address;
    return address === undefined ? undefined : `${address.host}:${address.port}`;
  }

  /** Whether time is skipped here. */
  get supportsTimeSkipping(): boolean {
    return this.#skipping !== undefined;
  }

  /** The time of the service. On a service that is not the environment's own, that of this process. */
  async getCurrentTime(): Promise<Date> {
    if (this.#skipping === undefined) return new Date((this.#own?.clock ?? hostClock).now());
    const { time } = await this.client.testService.getCurrentTime({});
    return new Date(toMs(time));
  }

  /** Waits; with time skipping, no longer than it takes for all to happen that happens meanwhile. */
  async sleep(duration: Duration): Promise<void> {
    const ms = toDurationMs(duration);
    if (this.#skipping === undefined) {
      await new Promise<void>((resolve) => hostClock.schedule(hostClock.now() + ms, resolve));
      return;
    }
    const seconds = Math.floor(ms / 1_000);
    const nanos = Math.round((ms - seconds * 1_000) * 1e6);
    const timeoutMs = ms + SLEEP_TAIL_MS;
    await this.client.testService.unlockTimeSkippingWithSleep({ duration: { seconds, nanos } }, { timeoutMs });
  }

  /**
   * Calls a function while waits for results do not let time be skipped. Waits that began before still do, and so does
   * {@link sleep}.
   */
  async withAutoTimeSkippingDisabled<T>(run: () => T | Promise<T>): Promise<T> {
    const skipping = this.#skipping;
    if (skipping?.enabled !== true) return run();
    skipping.enabled = false;
    try {
      return await run();
    } finally {
      skipping.enabled = true;
    }
  }

  /**
   * Makes a Nexus endpoint whose requests go to workers of this namespace.
   *
   * @param taskQueue That the workers poll.
   */
  async createNexusEndpoint(name: string, taskQueue: string): Promise<Endpoint> {
    const { namespace, operatorService } = this.client;
    const target = { variant: { case: "worker", value: { namespace, taskQueue } } } as const;
    const { endpoint } = await operatorService.createNexusEndpoint({ spec: { name, target } });
    return endpoint ?? Endpoint.create();
  }

  /** Takes away an endpoint that {@link createNexusEndpoint} gave. */
  async deleteNexusEndpoint({ id, version }: Endpoint): Promise<void> {
    await this.client.operatorService.deleteNexusEndpoint({ id, version });
  }

  /**
   * The environment at this instant as bytes, for {@link restore}: what its server keeps, and the time of its clock. Keep
   * them in a file as a fixture of other tests; later versions of this package read them.
   *
   * @throws {SnapshotError} If the environment is on a service that is not its own, or on a database.
   */
  async snapshot(): Promise<Uint8Array> {
    return encodeSnapshot(await this.#state());
  }

  /**
   * Another environment that goes on from this instant on its own, as {@link restore} makes it of a snapshot. This one goes
   * on as well. The fork has the options of this environment but for `listen`.
   *
   * @throws {SnapshotError} If the environment is on a service that is not its own, or on a database.
   */
  async fork(options: RestoreOptions = {}): Promise<WorkflowEnvironment> {
    const { listen: _own, ...inherited } = this.#options;
    const from = await this.#state();
    return WorkflowEnvironment.#start({
      options: { ...inherited, ...options },
      timeSkipping: from.timeSkipping,
      from,
    });
  }

  async #state(): Promise<EnvironmentState> {
    const store = this.#own?.store;
    if (this.#own === undefined || store === undefined) {
      const where =
        this.#own === undefined ? "it is on a service that is not its own" : "a database keeps what happens";
      throw new SnapshotError(
        `Cannot take snapshot of environment: ${where}; start it with "startTimeSkipping" or "startLocal" without a file`,
      );
    }
    const { timeSkipping } = this.#own;
    const contents = store.contents();
    // Nothing in the contents is later, not even by a part of a millisecond.
    const nowMs = (await this.getCurrentTime()).getTime() + 1;
    return { nowMs, timeSkipping, namespace: this.client.namespace, store: contents };
  }

  /** Stops the server, if the environment has one. Shut workers down first. Idempotent. */
  async shutdown(): Promise<void> {
    if (this.#own === undefined) return;
    await this.client.close();
    await this.#own.server.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function toMs(time: Timestamp | undefined): number {
  return time === undefined ? 0 : time.seconds * 1_000 + time.nanos / 1e6;
}
