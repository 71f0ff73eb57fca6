import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { Traced } from "./tracing-converter.ts";

const quick = { startToCloseTimeout: "10s", activityId: "activity-id" } as const;

@workflow.defn()
export class GivesTraceBack {
  @workflow.run
  async run(traced: Traced): Promise<Traced> {
    return traced;
  }
}

/** Sends what it is given through everything that takes and gives values. */
@workflow.defn()
export class PassesTraceOn {
  @workflow.run
  async run(traced: Traced): Promise<Traced> {
    workflow.payloadConverter().toPayload(traced);
    const options = { ...quick, heartbeatTimeout: "5s", args: [traced] } as const;
    const back = await workflow.executeActivity<Traced>("passOn", options);
    const id = `${workflow.info().workflowId}-child`;
    return workflow.executeChildWorkflow(GivesTraceBack, { id, args: [back] });
  }
}

/** Calls one activity, with an argument if it is given one. */
@workflow.defn()
export class CallsOne {
  @workflow.run
  async run(activity: string, isLocal: boolean, traced?: Traced): Promise<unknown> {
    const options = {
      ...quick,
      args: traced === undefined ? [] : [traced],
      retryPolicy: { initialInterval: 100, maximumAttempts: 2 },
    };
    return isLocal
      ? workflow.executeLocalActivity<unknown>(activity, options)
      : workflow.executeActivity<unknown>(activity, options);
  }
}

/** Answers handlers with what they are given. */
@workflow.defn()
export class HandlesTraces {
  #given: Traced | undefined;

  @workflow.run
  async run(): Promise<Traced> {
    await workflow.waitCondition(() => this.#given !== undefined);
    return this.#given ?? new Traced();
  }

  @workflow.signal
  signal(traced: Traced): void {
    this.#given = traced;
  }

  @workflow.query
  query(traced: Traced): Traced {
    return traced;
  }

  @workflow.update
  update(traced: Traced, _isRefused: boolean): Traced {
    this.#given = traced;
    return traced;
  }

  @workflow.validator<HandlesTraces, "update">("update")
  refuse(traced: Traced, isRefused: boolean): void {
    if (isRefused) throw new ApplicationError("refused", { details: [traced] });
  }
}

/** Signals another workflow with what it is given. */
@workflow.defn()
export class SignalsTrace {
  @workflow.run
  async run(targetId: string, traced: Traced): Promise<Traced> {
    await workflow.getExternalWorkflowHandleFor(HandlesTraces, targetId).signal("signal", traced);
    return traced;
  }
}

/** Calls an activity that fails for good. */
@workflow.defn({ sandboxed: false })
export class FailsAsTraced {
  @workflow.run
  async run(): Promise<void> {
    await workflow.executeActivity("fail", { ...quick, retryPolicy: { maximumAttempts: 1 } });
  }
}

/** Gives its text back. */
@workflow.defn()
export class GivesTextBack {
  @workflow.run
  async run(text: string): Promise<string> {
    return text;
  }
}

/** Takes and gives text in every way; all of it is "outbound" where it leaves and "inbound" where it arrives. */
@workflow.defn()
export class TradesText {
  readonly #wrong: string[] = [];
  #isSignalled = false;
  #isUpdated = false;

  #take(text: string, from: string): string {
    if (text !== "inbound") this.#wrong.push(`${from}: ${text}`);
    return "outbound";
  }

  @workflow.run
  async run(text: string): Promise<string> {
    this.#take(text, "start");
    await workflow.waitCondition(() => this.#isSignalled && this.#isUpdated);
    const [activity, child] = await Promise.all([
      workflow.executeActivity<string>("trade", { ...quick, args: ["outbound"] }),
      workflow.executeChildWorkflow(GivesTextBack, { id: `${workflow.info().workflowId}-child`, args: ["outbound"] }),
    ]);
    this.#take(activity, "activity");
    this.#take(child, "child");
    if (this.#wrong.length > 0) throw new ApplicationError(`found ${this.#wrong.join(", ")}`);
    return "outbound";
  }

  @workflow.query
  query(text: string): string {
    return this.#take(text, "query");
  }

  @workflow.signal
  signal(text: string): void {
    this.#take(text, "signal");
    this.#isSignalled = true;
  }

  @workflow.update
  update(text: string): string {
    this.#isUpdated = true;
    return this.#take(text, "update");
  }
}
