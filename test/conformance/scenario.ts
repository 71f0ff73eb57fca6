import type { Client } from "perdure/client";
import type { WorkerOptions } from "perdure/worker";

/** What a scenario gets: a client and a worker's task queue on the server under test. */
export interface ScenarioWorld {
  readonly client: Client;
  readonly taskQueue: string;
  /** A workflow id, or another name, that nothing else of the suite uses. */
  newId(name: string): string;
  /** Polls until the check answers true; the server under test may be another process whose clock is the real one. */
  eventually(check: () => Promise<boolean>): Promise<void>;
  /** Runs a worker of the scenario's own, on its own client if it has one, until `use` has ended. */
  withWorker<T>(options: WorkerOptions, use: () => Promise<T>, own?: Client): Promise<T>;
}

/** One behaviour that must be the same on our server and on the real one. */
export interface Scenario {
  readonly name: string;
  /** Whether runs have to stay in memory between tasks, as one does whose local activity outlasts its task. @default false */
  readonly needsCache?: boolean;
  run(world: ScenarioWorld): Promise<void>;
}
