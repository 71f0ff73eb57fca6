import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import type {
  Activation,
  ActivationCompletion,
  WorkflowCommand,
  WorkflowInstance,
} from "../../src/core/replay/activation.ts";
import { toReplayTask } from "../../src/core/replay/task.ts";
import { defaultPayloadConverter } from "../../src/payload/default-converter.ts";
import { bundleWorkflows } from "../../src/worker/sandbox/bundle.ts";
import { Realm } from "../../src/worker/sandbox/realm.ts";
import type { WorkflowBundle } from "../../src/worker/sandbox/workflow-bundle.ts";
import { newReplay, type Program, RandomWorld } from "./random-world.ts";

const MOVES_MAX = 200;
const firstSeed = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["SEEDS"] ?? 20);

let bundle: WorkflowBundle;
let realm: Realm;
let steps = 0;
let evictions = 0;

beforeAll(async () => {
  bundle = await bundleWorkflows({ modules: [fileURLToPath(new URL("./fuzz.workflows.ts", import.meta.url))] });
  realm = new Realm(bundle);
});

/** A workflow of the public API in the sandbox; its log has what it wrote and the commands that it issued. */
class FuzzProgram implements Program {
  readonly log: string[] = [];
  readonly #seed: number;
  #instance: WorkflowInstance | undefined;

  constructor(seed: number) {
    this.#seed = seed;
    evictions += 1;
  }

  activate(activation: Activation): ActivationCompletion {
    const jobs = activation.jobs.map((job) =>
      job.kind === "initializeWorkflow"
        ? { ...job, details: { ...job.details, arguments: defaultPayloadConverter.toPayloads([this.#seed]) } }
        : job,
    );
    const instance = (this.#instance ??= this.#create(jobs));
    instance.begin({ ...activation, jobs });
    do realm.drain();
    while (instance.advance());
    const completion = instance.finish();
    if (completion.status === "failed") throw new Error(`the task failed: ${completion.failure.message}`);
    steps += jobs.length + completion.commands.length;
    this.log.push(...completion.commands.filter(isInHistory).map(toText));
    return completion;
  }

  #create(jobs: Activation["jobs"]): WorkflowInstance {
    const [details] = jobs.flatMap((job) => (job.kind === "initializeWorkflow" ? [job.details] : []));
    if (details === undefined) throw new Error("the first activation does not initialize the run");
    return realm.instantiate({
      bundle,
      moduleKey: "m0",
      workflowType: "Fuzz",
      details,
      log: (level, message) => (level === "info" ? this.log.push(message) : undefined),
    });
  }
}

/** Answers to queries and refusals of updates leave nothing behind, so that a replay knows of none. */
function isInHistory(command: WorkflowCommand): boolean {
  if (command.kind === "updateResponse") return command.response.status !== "rejected";
  return command.kind !== "respondToQuery";
}

/** A command without its payloads: what matters of those is in what the code wrote. */
function toText(command: object): string {
  let text = "";
  for (const [name, value] of Object.entries(command)) {
    if (typeof value !== "object" || value === null) text += ` ${name}=${String(value)}`;
    else if (!(value instanceof Uint8Array) && !Array.isArray(value)) text += ` ${name}={${toText(value as object)} }`;
  }
  return text;
}

/** Replays all of a history with fresh code and says what it was told and did. */
function replayAll(seed: number, world: RandomWorld): readonly string[] {
  const run = newReplay();
  const program = new FuzzProgram(seed);
  run.feed(toReplayTask(world.events));
  for (let activation = run.nextActivation(); activation !== undefined; activation = run.nextActivation())
    run.complete(program.activate(activation));
  const outcome = run.takeOutcome();
  if (outcome?.kind === "failed") throw outcome.error ?? new Error(outcome.failure.message);
  return program.log;
}

function live(seed: number): { readonly told: readonly string[]; readonly retold: readonly string[] } {
  const world = new RandomWorld(seed, () => new FuzzProgram(seed));
  try {
    for (let at = 0; at < MOVES_MAX && world.isOpen; at++) world.move();
    const retold = replayAll(seed, world);
    return { told: world.log ?? retold, retold };
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

test("a workflow of every sort of step does the same whenever it is evicted and replayed", () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { told, retold } = live(seed);
    const shared = Math.min(told.length, retold.length);
    const difference = told.findIndex((line, at) => at < shared && line !== retold[at]);
    expect({ seed, retold: difference < 0 ? [] : retold.slice(0, difference + 1) }).toEqual({
      seed,
      retold: difference < 0 ? [] : told.slice(0, difference + 1),
    });
  }
  console.log(
    `seeds ${firstSeed} to ${firstSeed + count - 1}: ${steps} jobs and commands, code made ${evictions} times`,
  );
}, 120_000);
