import { onTestFinished } from "vitest";
import { Client, Connection, type ClientOptions } from "../../client/index.ts";
import { silentLogger, type Logger } from "../../core/telemetry/logger.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { DirectTransport } from "../../rpc/direct-transport.ts";
import { startServer } from "../../server/index.ts";
import { Runtime, Worker, type WorkerOptions } from "../index.ts";

/** A server, a client and workers in one thread whose time moves only when nothing else can happen. */
export interface World {
  readonly clock: VirtualClock;
  readonly client: Client;
  /** That of the workers. */
  readonly runtime: Runtime;
  /** Another client of the server, over a connection of its own. */
  openClient(options?: ClientOptions): Client;
  createWorker(options: Partial<WorkerOptions>, client?: Client): Promise<Worker>;
  /** Lets time pass until a promise settles. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Lets everything happen that can without time passing. */
  settle(): Promise<void>;
}

/** What {@link createWorld} may be told. */
export interface WorldOptions {
  readonly logger?: Logger;
  readonly client?: ClientOptions;
  /** Of the server. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
}

const TURNS = 20;

/** Makes a world that ends with the test. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const server = await startServer({ clock, dynamicConfig: options.dynamicConfig ?? {} });
  const openClient = (given?: ClientOptions): Client =>
    new Client(new Connection(new DirectTransport(server.handler, { clock }), { clock }), given);
  const client = openClient(options.client);
  const runtime = new Runtime({ clock, logger: options.logger ?? silentLogger });
  const workers: Worker[] = [];

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const watch = (): void => {
      isSettled = true;
    };
    promise.then(watch, watch);
    for (;;) {
      await settle();
      if (isSettled) return promise;
      clock.advanceToNext();
    }
  };
  onTestFinished(async () => {
    await until(Promise.allSettled(workers.map((worker) => worker.shutdown())));
    await client.close();
    await server.stop();
  });
  return {
    clock,
    client,
    runtime,
    openClient,
    settle,
    until,
    async createWorker(workerOptions, workerClient = client) {
      const worker = await Worker.create(workerClient, { taskQueue: "q", runtime, ...workerOptions });
      workers.push(worker);
      return worker;
    },
  };
}
