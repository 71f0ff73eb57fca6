import { NexusOperationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { office } from "./nexus.contract.ts";

/** Takes notes as updates until it is told to stop. */
@workflow.defn()
export class TakesNotes {
  readonly #notes: string[] = [];
  #isOver = false;

  @workflow.run
  async run(): Promise<readonly string[]> {
    await workflow.waitCondition(() => this.#isOver);
    return this.#notes;
  }

  @workflow.update
  async take(note: string): Promise<string> {
    if (note.startsWith("slow")) await workflow.sleep(100);
    this.#notes.push(note);
    return `took ${note}`;
  }

  @workflow.signal
  jot(note: string): void {
    this.#notes.push(note);
  }

  @workflow.signal
  stop(): void {
    this.#isOver = true;
  }
}

/** Calls an operation of the office. */
@workflow.defn()
export class CallsOffice {
  @workflow.run
  async run(endpoint: string, operation: keyof typeof office.operations, input: string): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: office });
    try {
      return await client.executeOperation(office.operations[operation], input, { scheduleToCloseTimeout: "30s" });
    } catch (error) {
      if (!(error instanceof NexusOperationError)) throw error;
      return `failed: ${error.cause instanceof Error ? error.cause.message : String(error.cause)}`;
    }
  }
}

/** Signals a workflow by the service's own Nexus operation, which starts it. */
@workflow.defn()
export class SignalsWithStart {
  @workflow.run
  async run(workflowId: string): Promise<boolean> {
    const { taskQueue } = workflow.info();
    const handle = await workflow.signalWithStartWorkflow(TakesNotes, {
      id: workflowId,
      taskQueue,
      signal: "jot",
      signalArgs: ["first"],
      memo: { about: "notes" },
    });
    const again = await workflow.signalWithStartWorkflow("TakesNotes", {
      id: workflowId,
      taskQueue,
      signal: "jot",
      signalArgs: ["second"],
    });
    await handle.signal("stop");
    return handle.runId !== undefined && handle.runId === again.runId;
  }
}
