import { fileURLToPath } from "node:url";
import type {
  Activation,
  ActivationCompletion,
  WorkflowCommand,
  WorkflowInstance,
} from "../../../src/core/replay/activation.ts";
import { defaultPayloadConverter } from "../../../src/payload/default-converter.ts";
import { bundleWorkflows } from "../../../src/worker/sandbox/bundle.ts";
import { Realm } from "../../../src/worker/sandbox/realm.ts";
import type { WorkflowBundle } from "../../../src/worker/sandbox/workflow-bundle.ts";
import { type Program, RandomWorld } from "../random-world.ts";
import type { Planted } from "./fuzz.workflows.ts";

/** Moves of a world after which its run is replayed though it has not ended. */
const MOVES_MAX = 400;

/** What a fuzz did. */
export interface FuzzReport {
  /** Jobs that workflow code was told and commands that it gave, in first runs and in replays. */
  readonly steps: number;
  /** Random programs. */
  readonly programs: number;
  /** How often code was made anew for a run: at its start, after an eviction, and for its last replay. */
  readonly made: number;
  /** The first program whose replay did otherwise. */
  readonly difference: FuzzDifference | undefined;
}

/** Where a replay left what was done first. */
export interface FuzzDifference {
  readonly seed: number;
  readonly told: string | undefined;
  readonly retold: string | undefined;
}

export interface FuzzOptions {
  /** Seed of the first program. */
  readonly seed: number;
  /** From one program's seed to the next. @default 1 */
  readonly stride?: number;
  /** No program is begun after so many steps. */
  readonly steps: number;
  /** A bug that the fuzz must find: of the workflow's code, or the order of what a replay tells it. */
  readonly planted?: Planted | "order";
}

/** Where random programs of the public API run: one realm of the sandbox, with its bundle. */
export class FuzzField {
  readonly #bundle: WorkflowBundle;
  readonly #realm: Realm;

  constructor(bundle: WorkflowBundle) {
    this.#bundle = bundle;
    this.#realm = new Realm(bundle);
  }

  static async open(): Promise<FuzzField> {
    const module = fileURLToPath(new URL("./fuzz.workflows.ts", import.meta.url));
    return new FuzzField(await bundleWorkflows({ modules: [module] }));
  }

  /** Runs random programs, until so many steps are done or one is found whose replay does otherwise. */
  run({ seed: firstSeed, stride = 1, steps, planted }: FuzzOptions): FuzzReport {
    const tally: Tally = { steps: 0, made: 0 };
    let seed = firstSeed;
    let difference: FuzzDifference | undefined;
    for (; difference === undefined && tally.steps < steps; seed += stride)
      difference = this.#compare({ seed, planted, tally });
    return { ...tally, programs: (seed - firstSeed) / stride, difference };
  }

  #compare(given: ProgramOptions): FuzzDifference | undefined {
    const { seed } = given;
    const world = new RandomWorld(seed, () => this.#newProgram(given));
    try {
      for (let at = 0; at < MOVES_MAX && world.isOpen; at++) world.move();
      const retold = world.replay();
      const told = world.log ?? retold;
      const shared = Math.min(told.length, retold.length);
      const at = told.findIndex((line, index) => index < shared && line !== retold[index]);
      return at < 0 ? undefined : { seed, told: told[at], retold: retold[at] };
    } catch (error) {
      // A replay that found it out by itself, or a task that failed, which none here should.
      return { seed, told: undefined, retold: error instanceof Error ? error.message : String(error) };
    }
  }

  #newProgram(given: ProgramOptions): Program {
    given.tally.made += 1;
    return new FuzzProgram({ ...given, bundle: this.#bundle, realm: this.#realm });
  }
}

interface Tally {
  steps: number;
  made: number;
}

interface ProgramOptions {
  readonly seed: number;
  readonly planted: FuzzOptions["planted"];
  readonly tally: Tally;
}

interface FuzzProgramOptions extends ProgramOptions {
  readonly bundle: WorkflowBundle;
  readonly realm: Realm;
}

/** A workflow of the public API in the sandbox; its log has what it wrote and the commands that it issued. */
class FuzzProgram implements Program {
  readonly log: string[] = [];
  readonly #options: FuzzProgramOptions;
  #instance: WorkflowInstance | undefined;

  constructor(options: FuzzProgramOptions) {
    this.#options = options;
  }

  activate(activation: Activation): ActivationCompletion {
    const { seed, planted, realm, tally } = this.#options;
    const args = planted === undefined || planted === "order" ? [seed] : [seed, planted];
    let jobs: Activation["jobs"] = activation.jobs.map((job) =>
      job.kind === "initializeWorkflow"
        ? { ...job, details: { ...job.details, arguments: defaultPayloadConverter.toPayloads(args) } }
        : job,
    );
    const instance = (this.#instance ??= this.#create(jobs));
    if (planted === "order" && activation.isReplaying) jobs = jobs.toReversed();
    instance.begin({ ...activation, jobs });
    do realm.drain();
    while (instance.advance());
    const completion = instance.finish();
    if (completion.status === "failed") throw new Error(`the task failed: ${completion.failure.message}`);
    tally.steps += jobs.length + completion.commands.length;
    for (const command of completion.commands) if (isInHistory(command)) this.log.push(toText(command));
    return completion;
  }

  #create(jobs: Activation["jobs"]): WorkflowInstance {
    const [details] = jobs.flatMap((job) => (job.kind === "initializeWorkflow" ? [job.details] : []));
    if (details === undefined) throw new Error("the first activation does not initialize the run");
    const { bundle, realm } = this.#options;
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
