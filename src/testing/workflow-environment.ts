import { Client, Connection, type ClientOptions } from "../client/index.ts";
import { toDurationMs, type Duration } from "../core/time/duration.ts";
import type { SearchAttributeKey } from "../payload/search-attributes.ts";
import type { Timestamp } from "../proto/gen/google/protobuf.ts";
import { Endpoint } from "../proto/gen/nexus.ts";
import { DirectTransport } from "../rpc/direct-transport.ts";
import { hostClock } from "../rpc/host-clock.ts";
import { startServer, type DynamicConfig, type ListenOptions, type Server } from "../server/index.ts";
import { assertionInterceptor } from "./assertion-interceptor.ts";
import { TimeSkippingInterceptor } from "./time-skipping-interceptor.ts";

/** What the server of a {@link WorkflowEnvironment} may be told; the rest goes to its client. */
export interface LocalEnvironmentOptions extends ClientOptions {
  /** Search attributes of the namespace beside those of the system. @default none */
  readonly searchAttributes?: readonly SearchAttributeKey[];
  /** SQLite database that keeps what happens. @default everything is forgotten in the end */
  readonly dbFilename?: string;
  /** Values by the Temporal Service's dynamic configuration keys. @default none */
  readonly dynamicConfig?: DynamicConfig;
  /** Serve gRPC as well, for others than {@link WorkflowEnvironment.client}. @default not served */
  readonly listen?: ListenOptions;
}

/** What an environment is made of. */
interface Parts {
  readonly client: Client;
  readonly server?: Server;
  readonly skipping?: TimeSkippingInterceptor;
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
  readonly #server: Server | undefined;
  readonly #skipping: TimeSkippingInterceptor | undefined;

  private constructor({ client, server, skipping }: Parts) {
    this.client = client;
    this.#server = server;
    this.#skipping = skipping;
  }

  /**
   * Starts a whole server in this process, where time passes as it does.
   *
   * @throws {StoreError} If the database cannot be opened.
   * @throws {ListenError} If the address cannot be had.
   */
  static startLocal(options: LocalEnvironmentOptions = {}): Promise<WorkflowEnvironment> {
    return WorkflowEnvironment.#start(options, false);
  }

  /**
   * As {@link startLocal}, but time is skipped: while a workflow's result is waited for and no workflow task is
   * outstanding and no activity runs, the server's clock is put forward to the next timer or timeout.
   *
   * Time is one for all workflows of the environment, so it should test one thing at a time.
   */
  static startTimeSkipping(options: LocalEnvironmentOptions = {}): Promise<WorkflowEnvironment> {
    return WorkflowEnvironment.#start(options, true);
  }

  /**
   * An environment on any service, with a client like the one given: workers made with it fail workflows whose assertions
   * fail. Shutting the environment down leaves the connection open.
   */
  static fromClient(client: Client): WorkflowEnvironment {
    const interceptors = [...(client.options.interceptors ?? []), assertionInterceptor];
    return new WorkflowEnvironment({ client: new Client(client.connection, { ...client.options, interceptors }) });
  }

  static async #start(options: LocalEnvironmentOptions, timeSkipping: boolean): Promise<WorkflowEnvironment> {
    const { searchAttributes = [], dbFilename, dynamicConfig, listen, ...clientOptions } = options;
    const server = await startServer({
      store: dbFilename === undefined ? "memory:" : `sqlite:${dbFilename}`,
      namespaces: [clientOptions.namespace ?? "default"],
      searchAttributes: Object.fromEntries(
        searchAttributes.map(({ name, indexedValueType }) => [name, indexedValueType]),
      ),
      timeSkipping,
      ...(dynamicConfig === undefined ? {} : { dynamicConfig }),
      ...(listen === undefined ? {} : { listen }),
    });
    const connection = new Connection(new DirectTransport(server.handler));
    await connection.connect();
    const skipping = timeSkipping ? new TimeSkippingInterceptor(connection) : undefined;
    const own = [assertionInterceptor, ...(skipping === undefined ? [] : [skipping])];
    const interceptors = [...(clientOptions.interceptors ?? []), ...own];
    const client = new Client(connection, { ...clientOptions, interceptors });
    return new WorkflowEnvironment({ client, server, ...(skipping === undefined ? {} : { skipping }) });
  }

  /** `host:port` of the server; `undefined` if it serves no gRPC, or is not the environment's own. */
  get address(): string | undefined {
    const address = this.#server?.address;
    return address === undefined ? undefined : `${address.host}:${address.port}`;
  }

  /** Whether time is skipped here. */
  get supportsTimeSkipping(): boolean {
    return this.#skipping !== undefined;
  }

  /** The time of the service. On a service that is not the environment's own, that of this process. */
  async getCurrentTime(): Promise<Date> {
    if (this.#skipping === undefined) return new Date(hostClock.now());
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

  /** Stops the server, if the environment has one. Shut workers down first. Idempotent. */
  async shutdown(): Promise<void> {
    if (this.#server === undefined) return;
    await this.client.close();
    await this.#server.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function toMs(time: Timestamp | undefined): number {
  return time === undefined ? 0 : time.seconds * 1_000 + time.nanos / 1e6;
}
