import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "perdure/client";
import { Replayer, Worker } from "perdure/worker";
import { seededRandom } from "../../src/server/store/seeded-random.ts";
import { work } from "./activities.ts";
import { ServerProcess } from "./server-process.ts";
import { Ledger } from "./workflows.ts";

/** What a run of kills found. */
export interface KillReport {
  readonly kills: number;
  readonly workflows: number;
  readonly signals: number;
  /** Empty if everything is as callers were told. */
  readonly faults: readonly string[];
}

export interface KillOptions {
  readonly seed: number;
  readonly kills: number;
  readonly clients: number;
}

const TASK_QUEUE = "crash";
const LIFE_MS_MAX = 1500;
const SIGNALS_PER_WORKFLOW = 6;

/** Loads a durable server from several clients while it is killed again and again, then checks what is left. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-crash-"));
  const server = new ServerProcess(join(folder, "crash.db"));
  try {
    await server.start();
    await using client = await Client.connect(server.address);
    const worker = await Worker.create(client, { taskQueue: TASK_QUEUE, workflows: [Ledger], activities: [work] });
    return await worker.runUntil(() => loadAndKill(client, server, options));
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Entries of one workflow whose signal was acknowledged, and of those that may or may not have arrived. */
interface Told {
  readonly id: string;
  readonly acknowledged: number[];
}

async function loadAndKill(client: Client, server: ServerProcess, { seed, kills, clients }: KillOptions): Promise<KillReport> {
  const random = seededRandom(seed);
  const told: Told[] = [];
  let stopped = false;
  const lanes = Array.from({ length: clients }, async (_one, lane) => {
    for (let round = 0; !stopped; round++) told.push(await driveOne(client, `ledger-${seed}-${lane}-${round}`));
  });
  for (let kill = 0; kill < kills; kill++) {
    await delay(random() * LIFE_MS_MAX);
    await server.kill();
    await server.start();
  }
  stopped = true;
  await Promise.all(lanes);
  const faults = (await Promise.all(told.map((one) => findFaults(client, one)))).flat();
  await server.stop();
  return { kills, workflows: told.length, signals: told.reduce((sum, one) => sum + one.acknowledged.length, 0), faults };
}

/** Retries each call until it is acknowledged, with the same ids, as any careful client does. */
async function driveOne(client: Client, id: string): Promise<Told> {
  await untilAcknowledged(() => client.startWorkflow(Ledger, { id, taskQueue: TASK_QUEUE, requestId: id, idConflictPolicy: "useExisting" }));
  const handle = client.getWorkflowHandle<Ledger>(id);
  const acknowledged: number[] = [];
  for (let entry = 0; entry < SIGNALS_PER_WORKFLOW; entry++) {
    // Each attempt is a new signal to the service, so only one that was acknowledged at once is counted as exactly one.
    const told = await handle.signal("add", entry).then(
      () => true,
      () => false,
    );
    if (told) acknowledged.push(entry);
  }
  const sent = async (): Promise<number> => (await handle.fetchHistory()).events.filter((event) => event.attributes?.case === "workflowExecutionSignaledEventAttributes" && event.attributes.value.signalName === "add").length;
  const count = await untilAcknowledged(sent);
  await untilAcknowledged(() => handle.signal("close", count));
  return { id, acknowledged };
}

async function untilAcknowledged<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch {
      await delay(50);
    }
  }
}

async function findFaults(client: Client, { id, acknowledged }: Told): Promise<string[]> {
  const handle = client.getWorkflowHandle<Ledger>(id);
  const faults: string[] = [];
  const result = await handle.result().catch((error: unknown) => faults.push(`${id} did not complete: ${String(error)}`));
  const history = await handle.fetchHistory();
  const { count } = await client.countWorkflows(`WorkflowId = '${id}'`);
  if (count !== 1) faults.push(`${id} has ${count} runs`);
  if (history.events.some((event, index) => event.eventId !== index + 1)) faults.push(`${id} has a gap in its event ids`);
  if (Array.isArray(result)) for (const entry of acknowledged) if (result.filter((one) => one === entry).length !== 1) faults.push(`${id} was acknowledged ${entry}, and has it ${result.filter((one) => one === entry).length} times`);
  const replayer = await Replayer.create({ workflows: [Ledger] });
  const { replayFailure } = await replayer.replayWorkflow(history, { raiseOnFailure: false });
  if (replayFailure !== undefined) faults.push(`${id} does not replay: ${String(replayFailure)}`);
  return faults;
}
