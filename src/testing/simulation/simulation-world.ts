import { Client, Connection } from "../../client/index.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { DirectTransport } from "../../rpc/direct-transport.ts";
import type { RetryConfig } from "../../rpc/retry.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { UnaryCall } from "../../rpc/transport.ts";
import { FaultyStore, seededRandom, startServer } from "../../server/index.ts";
import { Runtime, Worker, type ActivitySource, type WorkflowClass } from "../../worker/index.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { LifeClock } from "./life-clock.ts";
import { SimulatedTransport, type SimulatedNetwork } from "./simulated-transport.ts";
import { SimulationStuckError } from "./simulation-error.ts";
import { setImmediate } from "../../rpc/host-timers.ts";

/** Task queue of the simulated worker. */
export const SIMULATION_TASK_QUEUE = "simulation";

/** Turns of the event loop after which everything that can happen without time passing has happened. */
const SETTLE_TURNS = 12;

/** Moves of the clock in one run at most. */
const STEPS_MAX = 5_000;

/** Polls wait until there is something: each that ends with nothing would be a step of the simulation. */
const FOREVER_S = 1e9;

/** What a {@link SimulationWorld} is made of. */
export interface WorldParts {
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly workflows: readonly WorkflowClass[];
  readonly activities: ActivitySource | readonly ActivitySource[];
}

const patientRetry = { maxElapsedTimeMs: undefined, maxRetries: 0 };

interface ServerLife {
  readonly clock: LifeClock;
  readonly transport: DirectTransport;
  /** Ends calls that wait for an answer. */
  readonly pending: Set<(error: RPCError) => void>;
}

interface WorkerLife {
  readonly clock: LifeClock;
  readonly transport: SimulatedTransport;
}

/** A server and a worker in one thread, that die and come back, in a time of their own. */
export class SimulationWorld implements SimulatedNetwork {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly plan: FaultPlan;
  readonly client: Client;
  readonly #parts: WorldParts;
  readonly #random: () => number;
  #store: FaultyStore;
  #server: ServerLife | undefined;
  #worker: WorkerLife | undefined;
  #ids = 0;
  readonly #newId = (): string => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`;

  constructor(parts: WorldParts) {
    this.#parts = parts;
    this.plan = parts.plan;
    this.#random = seededRandom(parts.seed);
    this.#store = new FaultyStore({ random: this.#random });
    // The scenario tests workflows, not how long its own calls bear with a server that is gone.
    const connection = this.#connect(new SimulatedTransport(this), this.clock, patientRetry);
    this.client = new Client(connection, { identity: "simulated client" });
  }

  async start(): Promise<void> {
    await this.#startServer();
    await this.#startWorker();
  }

  /**
   * Lets time pass and things go wrong until a promise settles.
   *
   * @param onStep Called whenever nothing more happens without time passing.
   * @throws {SimulationStuckError} If it does not settle however much time passes.
   */
  async until<T>(promise: Promise<T>, onStep?: () => void | Promise<void>): Promise<T> {
    let isSettled = false;
    const watch = (): void => {
      isSettled = true;
    };
    promise.then(watch, watch);
    for (let step = 0; step < STEPS_MAX; step++) {
      await settle();
      await onStep?.();
      if (isSettled) return promise;
      await this.#strike();
      this.clock.advanceToNext();
    }
    promise.catch(() => undefined);
    const passedMs = this.clock.now() - Date.UTC(2026, 0, 1);
    throw new SimulationStuckError(
      `Cannot end simulated scenario: nothing it waits for has happened in ${STEPS_MAX} steps and ${passedMs} ms`,
    );
  }

  /** Waits in the world's time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.schedule(this.clock.now() + ms, resolve));
  }

  /** Ends everything. */
  stop(): void {
    this.#endWorker();
    this.#endServer();
  }

  deliver(call: UnaryCall): Promise<Uint8Array> {
    const server = this.#server;
    if (server === undefined) return Promise.reject(goneError());
    return new Promise((resolve, reject) => {
      server.pending.add(reject);
      server.transport
        .call({ ...call, timeoutMs: undefined })
        .then(resolve, reject)
        .finally(() => server.pending.delete(reject));
    });
  }

  async #strike(): Promise<void> {
    const place = this.plan.visit("step");
    if (this.plan.strikes("workerCrash", place)) {
      this.#endWorker();
      await this.#startWorker();
    }
    if (this.plan.strikes("serverRestart", place)) {
      this.#endServer();
      this.#store = this.#store.crash();
      await this.#startServer();
    }
  }

  async #startServer(): Promise<void> {
    const clock = new LifeClock(this.clock);
    const server = await startServer({
      store: this.#store,
      clock,
      newId: this.#newId,
      dynamicConfig: {
        "matching.longPollExpirationInterval": FOREVER_S,
        "history.longPollExpirationInterval": FOREVER_S,
      },
    });
    this.#server = { clock, transport: new DirectTransport(server.handler, { clock }), pending: new Set() };
  }

  #endServer(): void {
    const server = this.#server;
    this.#server = undefined;
    server?.clock.end();
    for (const reject of server?.pending ?? []) reject(goneError());
  }

  async #startWorker(): Promise<void> {
    const clock = new LifeClock(this.clock);
    const transport = new SimulatedTransport(this);
    this.#worker = { clock, transport };
    const { workflows, activities } = this.#parts;
    const hasCache = !this.plan.strikes("noCache", this.plan.visit("start of worker"));
    await Worker.create(new Client(this.#connect(transport, clock), { identity: "simulated worker" }), {
      taskQueue: SIMULATION_TASK_QUEUE,
      workflows,
      activities,
      runtime: new Runtime({ clock, logger: silentLogger, workerHeartbeatInterval: 0 }),
      ...(hasCache ? {} : { maxCachedWorkflows: 0 }),
    });
  }

  #endWorker(): void {
    this.#worker?.transport.die();
    this.#worker?.clock.end();
    this.#worker = undefined;
  }

  #connect(transport: SimulatedTransport, clock: Clock, retry: Partial<RetryConfig> = {}): Connection {
    return new Connection(transport, { clock, retry, random: this.#random, newId: this.#newId });
  }
}

function goneError(): RPCError {
  return new RPCError(RPCStatusCode.UNAVAILABLE, "the simulated server is gone");
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
