import * as workflow from "../../workflow.ts";
import { greet } from "./activities.test-support.ts";

const minute = { startToCloseTimeout: "1m" } as const;

@workflow.defn()
export class Hello {
  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(greet, { ...minute, args: [name] });
  }
}

@workflow.defn()
export class Nap {
  @workflow.run
  async run(duration: string): Promise<number> {
    const before = workflow.time();
    await workflow.sleep(duration);
    return workflow.time() - before;
  }
}

@workflow.defn()
export class Approval {
  readonly #votes: string[] = [];

  @workflow.run
  async run(wanted: number): Promise<readonly string[]> {
    await workflow.waitCondition(() => this.#votes.length >= wanted);
    return this.#votes;
  }

  @workflow.signal
  vote(name: string): void {
    this.#votes.push(name);
  }

  @workflow.query
  count(): number {
    return this.#votes.length;
  }

  @workflow.update
  async voteNow(name: string): Promise<number> {
    this.#votes.push(name);
    return this.#votes.length;
  }

  @workflow.validator<Approval, "voteNow">("voteNow")
  checkVote(name: string): void {
    if (name === "") throw new Error("a vote needs a name");
  }
}

/** Calls one activity by name with the options given. */
@workflow.defn()
export class CallActivity {
  @workflow.run
  async run(name: string, args: readonly unknown[], options: Readonly<Record<string, unknown>>): Promise<unknown> {
    return workflow.executeActivity(name, { ...minute, ...options, args: [...args] });
  }
}

/** Calls one local activity by name with the options given. */
@workflow.defn()
export class CallLocalActivity {
  @workflow.run
  async run(name: string, args: readonly unknown[], options: Readonly<Record<string, unknown>>): Promise<unknown> {
    return workflow.executeLocalActivity(name, { ...minute, ...options, args: [...args] });
  }
}

@workflow.defn({ dynamic: true })
export class Anything {
  @workflow.run
  async run(args: readonly unknown[]): Promise<string> {
    return `${workflow.info().workflowType} with ${args.length}`;
  }
}

@workflow.defn({ sandboxed: false })
export class Outside {
  @workflow.run
  async run(): Promise<string> {
    await workflow.sleep("1s");
    return typeof process.version;
  }
}

/** Counts with a metric, a timer between each. */
@workflow.defn()
export class Count {
  @workflow.run
  async run(times: number): Promise<void> {
    const counter = workflow.metricMeter().createCounter("counted");
    for (let count = 0; count < times; count++) {
      counter.add(1);
      await workflow.sleep("1s");
    }
  }
}

/** Leaves a rejection that nobody handles. */
@workflow.defn()
export class Careless {
  @workflow.run
  async run(): Promise<void> {
    void Promise.reject(new Error("nobody waited"));
    await workflow.sleep("1m");
  }
}
