import { createHash } from "node:crypto";
import { History } from "../../src/proto/gen/history.ts";
import { ApplicationError } from "../../src/exceptions.ts";
import { simulate, type SimulationContext, type SimulationFacts } from "../../src/testing.ts";
import { Countdown, Crowd, Fragile, Language, type World } from "./programs.workflows.ts";

/** Runs of one digest, one for each seed from the first on. */
const RUNS = 8;

/** A digest of one run's histories, with what helps to find a difference. */
export interface RunDigest {
  readonly seed: number;
  readonly runs: number;
  readonly events: number;
  readonly digest: string;
  /** Encoded histories, by workflow and run. */
  readonly histories: Readonly<Record<string, Uint8Array>>;
}

/** Simulates the programs from a seed on, with and without faults, and digests the bytes of all histories. */
export async function digestRuns(seed: number): Promise<readonly RunDigest[]> {
  const digests: RunDigest[] = [];
  await simulate<Set<number>>({
    workflows: [Countdown, Crowd, Fragile, Language],
    state: () => new Set(),
    activities: (failed): World => ({
      work: async (value) => {
        if (value % 3 !== 2 || failed.has(value)) return value * value;
        failed.add(value);
        throw new ApplicationError(`${value} fails once`);
      },
    }),
    scenario,
    invariants: {
      "histories are digested": async (facts) => void digests.push(await digestRun(facts)),
    },
    seed,
    runs: RUNS,
  });
  return digests;
}

async function scenario({ client, taskQueue, sleep }: SimulationContext<Set<number>>): Promise<void> {
  const crowd = await client.startWorkflow(Crowd, { args: [6], id: "crowd", taskQueue });
  const countdown = await client.startWorkflow(Countdown, { args: [3], id: "countdown", taskQueue });
  const language = await client.startWorkflow(Language, { id: "language", taskQueue });
  await Promise.all([crowd.signal("add", 1), crowd.executeUpdate("addSlowly", { args: [2] })]);
  await sleep("2 hours");
  await Promise.all([crowd.result(), countdown.result(), language.result()]);
}

async function digestRun({ client, seed }: SimulationFacts<Set<number>, unknown>): Promise<RunDigest> {
  const hash = createHash("sha256");
  const histories: Record<string, Uint8Array> = {};
  let events = 0;
  const listed: { readonly id: string; readonly runId: string }[] = [];
  for await (const { id, runId } of client.listWorkflows()) listed.push({ id, runId });
  for (const { id, runId } of listed.toSorted((a, b) => (`${a.id} ${a.runId}` < `${b.id} ${b.runId}` ? -1 : 1))) {
    const history = await client.getWorkflowHandle(id, { runId }).fetchHistory();
    const bytes = History.encode({ events: [...history.events] });
    hash.update(bytes);
    histories[`${id} ${runId}`] = bytes;
    events += history.events.length;
  }
  return { seed, runs: listed.length, events, digest: hash.digest("hex"), histories };
}
