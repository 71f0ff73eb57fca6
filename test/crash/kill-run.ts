import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "perdure/client";
import { RPCError, RPCStatusCode } from "perdure/service";
import { createStderrLogger, Runtime } from "perdure/runtime";
import { Replayer, Worker } from "perdure/worker";
import { hostClock } from "../../src/rpc/host-clock.ts";
import { seededRandom } from "../../src/server/store/seeded-random.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { work } from "./activities.ts";
import { findLedgerFaults, type Told } from "./ledger-faults.ts";
import { ServerProcess } from "./server-process.ts";
import { Ledger } from "./workflows.ts";

/** What a run of kills found. */
export interface KillReport {
  readonly kills: number;
  /** Kills that came while a call was waiting for its acknowledgement. */
  readonly killsUnderLoad: number;
  /** Writes that had been acknowledged when the last kill came. */
  readonly writesBeforeKills: number;
  readonly workflows: number;
  readonly signals: number;
  readonly completions: number;
  readonly events: number;
  /** Empty if everything is as callers were told. */
  readonly faults: readonly string[];
}

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly clients: number;
}

const TASK_QUEUE = "crash";
const LIFE_MS_MAX = 1000;
const SIGNALS_PER_WORKFLOW = 6;
const RETRY_PAUSE_MS = 50;
/** Faults found at once; each fetches and replays a history. */
const CHECKS_AT_ONCE = 16;

/** Loads a durable server from several clients while it is killed again and again, then checks what is left. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-crash-"));
  const server = new ServerProcess(join(folder, "crash.db"));
  const acknowledgements = new Acknowledgements();
  acknowledgements.register("recorded");
  try {
    await server.start();
    await using client = await Client.connect(`recorded:${server.address}`);
    // That polls fail while the server is down is what is wanted here.
    const runtime = new Runtime({ logger: createStderrLogger({ clock: hostClock, level: "error" }) });
    const worker = await Worker.create(client, {
      taskQueue: TASK_QUEUE,
      workflows: [Ledger],
      activities: [work],
      runtime,
    });
    return await worker.runUntil(() => new KillRun(client, server, acknowledgements, options).run());
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

class KillRun {
  readonly #client: Client;
  readonly #server: ServerProcess;
  readonly #acknowledgements: Acknowledgements;
  readonly #options: KillOptions;
  readonly #told: Told[] = [];
  #waiting = 0;
  #stopped = false;

  constructor(client: Client, server: ServerProcess, acknowledgements: Acknowledgements, options: KillOptions) {
    this.#client = client;
    this.#server = server;
    this.#acknowledgements = acknowledgements;
    this.#options = options;
  }

  async run(): Promise<KillReport> {
    const { seed, kills, clients } = this.#options;
    const random = seededRandom(seed);
    const lanes = Array.from({ length: clients }, (_one, lane) => this.#driveLane(lane));
    let killsUnderLoad = 0;
    for (let kill = 0; kill < kills; kill++) {
      // Callers take their time to come back; a server that is killed before they do has nothing to lose.
      await this.#acknowledgements.nextWrite();
      await delay(random() * LIFE_MS_MAX);
      if (this.#waiting > 0) killsUnderLoad++;
      await this.#server.kill();
      await this.#server.start();
    }
    const writesBeforeKills = this.#acknowledgements.writes;
    this.#stopped = true;
    await Promise.all(lanes);
    const { faults, events } = await this.#check();
    await this.#server.stop();
    const signals = this.#told.reduce((sum, one) => sum + one.acknowledged.length, 0);
    const { length: completions } = this.#acknowledgements.completions;
    return {
      kills,
      killsUnderLoad,
      writesBeforeKills,
      workflows: this.#told.length,
      signals,
      completions,
      events,
      faults,
    };
  }

  async #driveLane(lane: number): Promise<void> {
    for (let round = 0; !this.#stopped; round++)
      this.#told.push(await this.#driveOne(`ledger-${this.#options.seed}-${lane}-${round}`));
  }

  /** Starts a workflow, sends it numbered signals, and tells it in the end how many have reached it. */
  async #driveOne(id: string): Promise<Told> {
    const start = { id, taskQueue: TASK_QUEUE, requestId: id, idConflictPolicy: "useExisting" } as const;
    const started = await this.#untilAcknowledged(() => this.#client.startWorkflow(Ledger, start));
    const handle = this.#client.getWorkflowHandleFor(Ledger, id);
    const acknowledged: number[] = [];
    for (let entry = 0; entry < SIGNALS_PER_WORKFLOW; entry++) {
      // Retries within the call carry its request id, so even an unacknowledged signal is there at most once.
      if (await this.#isAcknowledged(() => handle.signal("add", entry))) acknowledged.push(entry);
    }
    const arrived = await this.#untilAcknowledged(
      async () =>
        (await handle.fetchHistory()).events.filter(
          ({ attributes }) =>
            attributes?.case === "workflowExecutionSignaledEventAttributes" && attributes.value.signalName === "add",
        ).length,
    );
    await this.#untilAcknowledged(() => handle.signal("close", arrived ?? 0));
    return { id, runId: started?.firstExecutionRunId ?? "", acknowledged };
  }

  /** Retries a call until it is acknowledged, as any careful client does. */
  async #untilAcknowledged<T>(call: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      this.#waiting++;
      try {
        return await call();
      } catch (error) {
        // What is gone is found in the end; trying again would not bring it back.
        if (error instanceof RPCError && error.status === RPCStatusCode.NOT_FOUND) return undefined;
        await delay(RETRY_PAUSE_MS);
      } finally {
        this.#waiting--;
      }
    }
  }

  async #isAcknowledged(call: () => Promise<void>): Promise<boolean> {
    this.#waiting++;
    try {
      await call();
      return true;
    } catch {
      return false;
    } finally {
      this.#waiting--;
    }
  }

  async #check(): Promise<{ readonly faults: string[]; readonly events: number }> {
    const faults: string[] = [];
    let events = 0;
    const replayer = await Replayer.create({ workflows: [Ledger] });
    const completions = this.#acknowledgements.byWorkflow();
    const left = [...this.#told];
    const checkNext = async (): Promise<void> => {
      for (let told = left.pop(); told !== undefined; told = left.pop()) {
        const found = await findLedgerFaults(this.#client, replayer, told, completions.get(told.id) ?? []);
        faults.push(...found.faults);
        events += found.events;
      }
    };
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, checkNext));
    return { faults, events };
  }
}
