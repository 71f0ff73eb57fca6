import type { Clock } from "../core/time/clock.ts";
import type { BoundAddress, ServerTLSConfig } from "../rpc/grpc-server.ts";
import { GrpcServer } from "../rpc/grpc-server.ts";
import { fineHostClock } from "../rpc/host-clock.ts";
import type { RpcHandler } from "../rpc/transport.ts";
import { tellActivityCallback } from "./activities/activity-callbacks.ts";
import { Activities } from "./activities/activities.ts";
import { makeNexusAttempt } from "./nexus-executions/nexus-attempts.ts";
import { NexusExecutions } from "./nexus-executions/nexus-executions.ts";
import { splitDivision } from "./standalone/division.ts";
import type { IndexedValueType } from "../proto/gen/enums.ts";
import { CompatibleBuilds } from "./deployments/compatible-builds.ts";
import { Deployments } from "./deployments/deployments.ts";
import { Frontend } from "./frontend/frontend.ts";
import { Engine } from "./history/engine.ts";
import { QueryRegistry } from "./history/queries.ts";
import { HttpServer } from "./http/http-server.ts";
import { RetentionSweep } from "./history/retention.ts";
import { UpdateWaits } from "./history/update-waits.ts";
import { silentLogger, type Logger } from "../core/telemetry/logger.ts";
import { QueueConfigs } from "./matching/queue-configs.ts";
import { Matching } from "./matching/matching.ts";
import { startSystemOperation, systemOperationFault } from "./frontend/system-operations.ts";
import { CompletionCallbacks } from "./nexus/callbacks.ts";
import { CircuitBreakers } from "./nexus/circuit-breakers.ts";
import { NexusEndpoints } from "./nexus/endpoints.ts";
import { NexusRequests } from "./nexus/nexus-requests.ts";
import { NexusOperations } from "./nexus/operations.ts";
import { Namespaces } from "./namespaces/namespaces.ts";
import { offerTask } from "./offer.ts";
import { ServerMetrics, type MetricsListenOptions } from "./server-metrics.ts";
import { createIdSource } from "./run-id.ts";
import type { Services } from "./services.ts";
import { reflectionStreams } from "./reflection.ts";
import { readSettings, type DynamicConfig } from "./settings.ts";
import { Schedules } from "./schedules/schedules.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { TimeSkipping } from "./time/time-skipping.ts";
import { WorkerCommands } from "./worker-commands.ts";
import { WorkerRegistry } from "./workers.ts";

const CLUSTER_BLOB = "cluster";

/** Where a server listens, and who may call. */
export interface ListenOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default a free one */
  readonly port?: number;
  /** @default no encryption */
  readonly tls?: ServerTLSConfig;
  /** Keys of which callers must show one. @default callers need none */
  readonly apiKeys?: readonly string[];
}

/** Where HTTP is served, and to whom. */
export interface HttpListenOptions extends Pick<ListenOptions, "host" | "port" | "tls"> {
  /** Origins such as `https://app.example` whose pages may call the HTTP API from a browser; `*` lets all. @default none */
  readonly allowedOrigins?: readonly string[];
}

/** How to start a {@link Server}. */
export interface ServerOptions {
  /** What the server keeps: an open store, or the address of one: "memory:", "sqlite:PATH" or a path. @default "memory:" */
  readonly store?: Store | string;
  /** Serve gRPC. @default only in-process callers */
  readonly listen?: ListenOptions;
  /**
   * Serve the HTTP API, and Nexus over HTTP: completions from outside, and requests to endpoints. With `tls`, over HTTPS;
   * callers show the same API keys as over gRPC.
   *
   * @default not served
   */
  readonly listenHttp?: HttpListenOptions;
  /** Show metrics and health over HTTP. @default nothing is measured */
  readonly metrics?: MetricsListenOptions;
  /** Namespaces that are made if they are not there yet. @default ["default"] */
  readonly namespaces?: readonly string[];
  /** Custom search attributes of these namespaces. @default none */
  readonly searchAttributes?: Readonly<Record<string, IndexedValueType>>;
  /** Values by the Temporal Service's dynamic configuration keys. @default none */
  readonly dynamicConfig?: DynamicConfig;
  /** @default the host's clock */
  readonly clock?: Clock;
  /**
   * Serve Temporal's test service, by which callers let time pass at once while nothing happens. `"always"` lets it pass
   * so without being asked.
   *
   * @default false
   */
  readonly timeSkipping?: boolean | "always";
  /**
   * The workers that took up tasks until this instant, in milliseconds since the epoch, will not come back, as after a
   * snapshot is restored: skipped time does not stand still for what they had begun.
   *
   * @default they may come back
   */
  readonly workersLostAtMs?: number;
  /** @default silent */
  readonly logger?: Logger;
  /** Makes UUIDs. @default random ones */
  readonly newId?: () => string;
  /** Live runs kept in memory. @default 4000 */
  readonly cachedRunsMax?: number;
}

/** How to stop a {@link Server}. */
export interface StopOptions {
  /** Lets calls on their way end for so long, in milliseconds. @default 0 */
  readonly drainMs?: number;
}

/** An embedded Temporal Service. */
export interface Server {
  /** For callers in the same process. */
  readonly handler: RpcHandler;
  /** Where gRPC is served; `undefined` if it is not. */
  readonly address: BoundAddress | undefined;
  /** Where the HTTP API and Nexus are served; `undefined` if they are not. */
  readonly httpAddress: BoundAddress | undefined;
  /** Where metrics and health are shown, as `host:port`; `undefined` if they are not. */
  readonly metricsAddress: string | undefined;
  /** Ends calls and polls, writes what is on its way and closes the store. Idempotent. */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Starts an embedded Temporal Service.
 *
 * @throws {StoreError} If the store cannot be opened.
 * @throws {ListenError} If the address cannot be had.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { store: place = "memory:", namespaces = ["default"], searchAttributes = {} } = options;
  const store = typeof place === "string" ? await openStore(place) : place;
  const services = createServices(store, options, await readClusterId(store));
  await registerNamespaces(services, namespaces, searchAttributes);
  services.engine.open();
  services.schedules.open();
  services.activities.open();
  services.nexusExecutions.open();
  const sweep = new RetentionSweep(services);
  sweep.start();
  const frontend = new Frontend(services);
  const metrics = options.metrics && new ServerMetrics(frontend, options.metrics);
  const handler = metrics?.handler ?? frontend;
  const grpc = options.listen === undefined ? undefined : createGrpcServer(handler, options);
  const address = await listen(grpc, options.listen, store);
  const http =
    options.listenHttp &&
    new HttpServer(services, handler, { ...options.listenHttp, apiKeys: options.listen?.apiKeys });
  const httpAddress = await listenHttp(http, options.listenHttp, grpc, store);
  const metricsAddress = await showMetrics(metrics, { http, grpc, store });
  let stopped: Promise<void> | undefined;
  const stop = async ({ drainMs = 0 }: StopOptions): Promise<void> => {
    metrics?.setReady(false);
    sweep.stop();
    services.timeSkipping?.stop();
    services.matching.close();
    services.nexusRequests.close();
    services.breakers.close();
    services.engine.watchers.notifyAll();
    await Promise.all([http?.stop(drainMs), grpc?.stop(drainMs)]);
    services.schedules.close();
    services.activities.close();
    services.nexusExecutions.close();
    await services.engine.close();
    await store.close();
    await metrics?.close();
  };
  return { handler, address, httpAddress, metricsAddress, stop: (stopOptions = {}) => (stopped ??= stop(stopOptions)) };
}

/** The server is ready when this is called. */
async function showMetrics(
  metrics: ServerMetrics | undefined,
  {
    http,
    grpc,
    store,
  }: { readonly http: HttpServer | undefined; readonly grpc: GrpcServer | undefined; readonly store: Store },
): Promise<string | undefined> {
  metrics?.setReady(true);
  try {
    return await metrics?.listen();
  } catch (error) {
    await http?.stop(0);
    await grpc?.stop(0);
    await store.close();
    throw error;
  }
}

function createServices(store: Store, options: ServerOptions, clusterId: string): Services {
  const { clock: hosted = fineHostClock, logger = silentLogger, cachedRunsMax, dynamicConfig = {} } = options;
  const newId = options.newId ?? createIdSource(hosted);
  const settings = readSettings(dynamicConfig, logger);
  const namespaces = new Namespaces(store, newId);
  const { timeSkipping: skips = false } = options;
  const timeSkipping =
    skips === false ? undefined : new TimeSkipping(hosted, skips === "always" ? 0 : 1, options.workersLostAtMs);
  const clock = timeSkipping?.clock.waits ?? hosted;
  const matching: Matching = new Matching(
    clock,
    (address, directive) => deployments.route(address, directive) ?? compatibleBuilds.route(address, directive),
  );
  const deployments = new Deployments(store, (queue) => matching.reroute(queue));
  const compatibleBuilds = new CompatibleBuilds(store, (queue) => matching.regroup(queue));
  const nexusEndpoints = new NexusEndpoints(store, clock, newId);
  const nexusRequests = new NexusRequests(matching, clock, newId);
  const workerCommands = new WorkerCommands({ nexusRequests, clock, logger, settings });
  const queries = new QueryRegistry(newId);
  const updates = new UpdateWaits();
  const engine = new Engine({
    store,
    namespaces,
    clock: timeSkipping?.clock ?? hosted,
    logger,
    newId,
    limits: settings.limits,
    cachedRunsMax,
    offer: (run, task) => offerTask(matching, clock, run, task),
    servesQueue: (namespaceId, name, version) => deployments.serves({ namespaceId, type: "workflow", name }, version),
    onUpdate: (run, effect) => updates.tell(run.key, effect),
    onClosing: (transaction, run, close) => {
      schedules.noteClosed(transaction, run, close);
      if (workerCommands.concerns(run)) transaction.afterCommit(() => workerCommands.tellClosed(run));
    },
    onClosed: (run) => queries.unblock(run.key),
    onRecovered: (stored) => {
      if (splitDivision(stored.namespaceId).division === "activity") activities.adopt(stored);
      else nexusExecutions.adopt(stored);
    },
    onNexus: (transaction, run, effect) => {
      if (effect.kind === "invokeCallback") callbacks.invoke(transaction, run, effect);
      else transaction.afterCommit(() => operations.carryOut(run.key, effect));
    },
    nexusEndpointId: (name) => nexusEndpoints.findByName(name)?.id,
    systemOperationFault: (operation) => systemOperationFault(services, operation),
    onChanged: timeSkipping === undefined ? undefined : (run, over) => timeSkipping.noteRun(run, over),
  });
  const schedules = new Schedules({
    engine,
    store,
    namespaces,
    clock: timeSkipping?.clock ?? hosted,
    logger,
    newId,
  });
  const activities = new Activities({
    engine,
    store,
    namespaces,
    matching,
    clock: timeSkipping?.clock ?? hosted,
    logger,
    newId,
    callbackRetryInitialIntervalMs: settings.limits.callbackRetryInitialIntervalMs,
    callbackRetryMaximumIntervalMs: settings.limits.callbackRetryMaximumIntervalMs,
    tellCallback: (key, attempt) => tellActivityCallback(services, key, attempt),
    onChanged:
      timeSkipping === undefined ? undefined : (key, busy, startedMs) => timeSkipping.note(key, busy, startedMs),
  });
  const nexusExecutions = new NexusExecutions({
    engine,
    store,
    namespaces,
    clock: timeSkipping?.clock ?? hosted,
    logger,
    newId,
    retry: settings.nexus.standaloneRetry,
    carryOut: (key, attempt) => makeNexusAttempt(services, key, attempt),
  });
  timeSkipping?.start({
    nextDeadlineMs: () =>
      [engine.nextDeadlineMs, schedules.nextWakeMs, activities.nextDeadlineMs, nexusExecutions.nextDeadlineMs].reduce(
        earliest,
      ),
    hasPendingQueries: () => queries.hasDirect,
  });
  const services: Services = {
    engine,
    matching,
    namespaces,
    queries,
    updates,
    schedules,
    deployments,
    compatibleBuilds,
    queueConfigs: new QueueConfigs(store, matching),
    activities,
    nexusExecutions,
    nexusEndpoints,
    nexusRequests,
    workerCommands,
    breakers: new CircuitBreakers(clock, settings.nexus.breakers),
    workers: new WorkerRegistry(),
    store,
    clock,
    logger,
    settings,
    newId,
    clusterId,
    timeSkipping,
  };
  const operations = new NexusOperations(services, startSystemOperation);
  const callbacks = new CompletionCallbacks(services);
  return services;
}

/** The id of this server's data, made when it is new. */
async function readClusterId(store: Store): Promise<string> {
  const [known] = store.blobs(CLUSTER_BLOB);
  if (known !== undefined) return known.id;
  const id = crypto.randomUUID();
  await store.commit({ runs: [], blobs: [{ kind: CLUSTER_BLOB, id, value: new Uint8Array(0) }] });
  return id;
}

function earliest(oneMs: number | undefined, otherMs: number | undefined): number | undefined {
  if (oneMs === undefined || otherMs === undefined) return oneMs ?? otherMs;
  return Math.min(oneMs, otherMs);
}

async function registerNamespaces(
  { namespaces }: Services,
  names: readonly string[],
  searchAttributes: Readonly<Record<string, IndexedValueType>>,
): Promise<void> {
  for (const name of names) {
    const known = namespaces.find(name);
    if (known === undefined) await namespaces.register(name, { searchAttributes });
    else if (Object.keys(searchAttributes).some((attribute) => !Object.hasOwn(known.searchAttributes, attribute))) {
      await namespaces.update({ ...known, searchAttributes: { ...searchAttributes, ...known.searchAttributes } });
    }
  }
}

function createGrpcServer(handler: RpcHandler, { listen: at, clock }: ServerOptions): GrpcServer {
  return new GrpcServer(handler, { tls: at?.tls, apiKeys: at?.apiKeys, clock, conversations: reflectionStreams() });
}

async function listen(
  grpc: GrpcServer | undefined,
  at: ListenOptions | undefined,
  store: Store,
): Promise<BoundAddress | undefined> {
  if (grpc === undefined) return undefined;
  try {
    return await grpc.listen({
      ...(at?.host === undefined ? {} : { host: at.host }),
      ...(at?.port === undefined ? {} : { port: at.port }),
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function listenHttp(
  http: HttpServer | undefined,
  at: ServerOptions["listenHttp"],
  grpc: GrpcServer | undefined,
  store: Store,
): Promise<BoundAddress | undefined> {
  try {
    return await http?.listen(at?.host ?? "127.0.0.1", at?.port ?? 0);
  } catch (error) {
    await grpc?.stop(0);
    await store.close();
    throw error;
  }
}
