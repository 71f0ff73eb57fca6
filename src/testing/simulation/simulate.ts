import type { Client } from "../../client/index.ts";
import { toDurationMs, type Duration } from "../../core/time/duration.ts";
import type { ActivitySource, WorkflowClass } from "../../worker/index.ts";
import { defaultFaultRates, FaultPlan, type FaultRates } from "./fault-plan.ts";
import { SimulationError } from "./simulation-error.ts";
import { SIMULATION_TASK_QUEUE, SimulationWorld } from "./simulation-world.ts";

/** What a scenario has to do with. */
export interface SimulationContext<State> {
  readonly client: Client;
  /** Of the worker: start workflows with it. */
  readonly taskQueue: string;
  /** Of this run alone: what activities act upon. */
  readonly state: State;
  readonly seed: number;
  /** Waits in simulated time. */
  sleep(duration: Duration): Promise<void>;
  /** The simulated time. */
  now(): Date;
}

/** What an invariant looks at. */
export interface SimulationFacts<State, Result> extends SimulationContext<State> {
  /** What the scenario returned; `undefined` while it runs. */
  readonly result: Result | undefined;
}

/** Throws if something does not hold. */
export type Invariant<State, Result> = (facts: SimulationFacts<State, Result>) => void | Promise<void>;

/** What {@link simulate} runs. */
export interface SimulationOptions<State, Result> {
  readonly workflows: readonly WorkflowClass[];
  /** Made for each run anew; they wait with `activity.sleep` alone, and draw nothing from the host's time or chance. */
  readonly activities?: (state: State) => ActivitySource | readonly ActivitySource[];
  /** Makes what activities act upon, for each run anew. @default `undefined` */
  readonly state?: () => State;
  /** Starts workflows and waits for them. An error that it throws fails the run. */
  readonly scenario: (context: SimulationContext<State>) => Promise<Result>;
  /** By name; asked when the scenario has ended. @default none */
  readonly invariants?: Readonly<Record<string, Invariant<State, Result>>>;
  /** By name; asked whenever nothing more happens without time passing. They must not wait. @default none */
  readonly always?: Readonly<Record<string, (facts: SimulationFacts<State, Result>) => void>>;
  /** Of the first run; each next run has the next. @default a random one */
  readonly seed?: number;
  /** @default 50 */
  readonly runs?: number;
  /** @default {@link defaultFaultRates} */
  readonly faults?: Partial<FaultRates>;
  /** Faults of one run at most. @default 8 */
  readonly faultsMax?: number;
  /** Only these faults happen, by the names that a {@link SimulationError} gives. @default what the seed says */
  readonly only?: readonly string[];
}

/** What a simulation without failure came to. */
export interface SimulationSummary {
  /** Of the first run. */
  readonly seed: number;
  readonly runs: number;
  /** Faults that happened, by kind. */
  readonly faults: Readonly<Record<string, number>>;
}

interface Failure {
  readonly invariant: string | undefined;
  readonly cause: unknown;
  readonly faults: readonly string[];
}

const RUNS_DEFAULT = 50;
const FAULTS_MAX = 8;
const SEEDS = 2 ** 31;
/** Tries of smaller sets of faults at most. */
const SHRINKS_MAX = 64;

/**
 * Runs workflows with simulated time and faults, and checks what must hold whatever goes wrong.
 *
 * Client, worker and server are the real ones, in one thread, with a store that survives crashes of the server. All that
 * happens hangs on the seed. Of a run that fails, the fewest faults are looked for that make it fail the same way.
 *
 * @throws {SimulationError} With the seed and the faults of the first run that fails.
 */
export async function simulate<State = undefined, Result = unknown>(
  options: SimulationOptions<State, Result>,
): Promise<SimulationSummary> {
  const seed = options.seed ?? Math.floor(Math.random() * SEEDS);
  const { runs = RUNS_DEFAULT } = options;
  const counts: Record<string, number> = {};
  for (let run = 0; run < runs; run++) {
    const { failure, struck } = await runOnce(options, seed + run, options.only);
    if (failure !== undefined) {
      const { invariant, cause, faults } = await shrink(options, seed + run, failure);
      throw new SimulationError({ seed: seed + run, invariant, faults }, cause);
    }
    for (const name of struck) {
      const kind = name.slice(0, name.indexOf(" at "));
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return { seed, runs, faults: counts };
}

/** Takes one fault away after the other, as long as the same thing goes wrong. */
async function shrink<State, Result>(
  options: SimulationOptions<State, Result>,
  seed: number,
  found: Failure,
): Promise<Failure> {
  let smallest = found;
  let tries = 0;
  let candidates = [...found.faults];
  while (candidates.length > 0 && tries < SHRINKS_MAX) {
    const dropped = candidates.pop();
    const only = smallest.faults.filter((name) => name !== dropped);
    tries += 1;
    const { failure } = await runOnce(options, seed, only);
    if (failure === undefined || failure.invariant !== found.invariant) continue;
    smallest = failure;
    candidates = candidates.filter((name) => failure.faults.includes(name));
  }
  return smallest;
}

interface RunOutcome {
  readonly failure: Failure | undefined;
  readonly struck: readonly string[];
}

async function runOnce<State, Result>(
  options: SimulationOptions<State, Result>,
  seed: number,
  only: readonly string[] | undefined,
): Promise<RunOutcome> {
  const rates = { ...defaultFaultRates, ...options.faults };
  const plan = new FaultPlan({ seed, rates, faultsMax: options.faultsMax ?? FAULTS_MAX, only });
  const state = options.state?.() as State;
  const world = new SimulationWorld({
    seed,
    plan,
    workflows: options.workflows,
    activities: options.activities?.(state) ?? [],
  });
  const context: SimulationContext<State> = {
    client: world.client,
    taskQueue: SIMULATION_TASK_QUEUE,
    state,
    seed,
    sleep: (duration) => world.sleep(toDurationMs(duration)),
    now: () => new Date(world.clock.now()),
  };
  try {
    await world.start();
    const failure = await findFailure(options, world, context);
    return { failure: failure && { ...failure, faults: [...plan.struck] }, struck: plan.struck };
  } finally {
    world.stop();
  }
}

async function findFailure<State, Result>(
  { scenario, invariants = {}, always = {} }: SimulationOptions<State, Result>,
  world: SimulationWorld,
  context: SimulationContext<State>,
): Promise<Omit<Failure, "faults"> | undefined> {
  let invariant: string | undefined;
  try {
    const onStep = (): void => {
      for (const [name, check] of Object.entries(always)) {
        invariant = name;
        check({ ...context, result: undefined });
      }
      invariant = undefined;
    };
    const result = await world.until(scenario(context), onStep);
    for (const [name, check] of Object.entries(invariants)) {
      invariant = name;
      await world.until(Promise.resolve(check({ ...context, result })));
    }
    return undefined;
  } catch (cause) {
    return { invariant, cause };
  }
}
