import type { Client } from "perdure/client";

/** What a scenario gets: a client and a worker's task queue on the server under test. */
export interface ScenarioWorld {
  readonly client: Client;
  readonly taskQueue: string;
  /** A workflow id that no other run of the suite uses. */
  newId(name: string): string;
  /** Polls until the check answers true; the server under test may be another process whose clock is the real one. */
  eventually(check: () => Promise<boolean>): Promise<void>;
}

/** One behaviour that must be the same on our server and on the real one. */
export interface Scenario {
  readonly name: string;
  run(world: ScenarioWorld): Promise<void>;
}
