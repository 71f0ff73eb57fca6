import { NexusHandlerError, NexusOperationError, TimeoutError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { TakesNotes } from "./nexus-office.workflows.ts";
import { trouble } from "./nexus.contract.ts";

type Operation = keyof typeof trouble.operations;

/** Calls an operation once or more often, with options. */
@workflow.defn()
export class CallsTrouble {
  @workflow.run
  async run(
    endpoint: string,
    operation: Operation,
    inputs: readonly string[],
    options: workflow.NexusOperationOptions,
  ): Promise<readonly string[]> {
    const client = workflow.createNexusClient({ endpoint, service: trouble });
    return Promise.all(
      inputs.map(async (input) => {
        try {
          return await client.executeOperation(trouble.operations[operation], input, options);
        } catch (error) {
          if (!(error instanceof NexusOperationError) || !(error.cause instanceof TimeoutError)) throw error;
          return `${error.message}: ${error.cause.type}`;
        }
      }),
    );
  }
}

/** Cancels an operation whose handler refuses that. */
@workflow.defn()
export class CancelsInVain {
  @workflow.run
  async run(endpoint: string, cancellationType: workflow.NexusOperationCancellationType): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: trouble });
    const handle = await client.startOperation(trouble.operations.refuseCancel, workflow.info().workflowId, {
      cancellationType,
    });
    handle.cancel();
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof NexusOperationError)) throw error;
      return error.cause instanceof NexusHandlerError ? error.cause.type : error.message;
    }
  }
}

/** Cancels an operation when hardly any time is left for that, and tells why it was not done. */
@workflow.defn()
export class CancelsLate {
  @workflow.run
  async run(endpoint: string, napId: string): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: trouble });
    const handle = await client.startOperation(trouble.operations.share, napId, {
      cancellationType: "waitRequested",
      // Less than a request needs, as long as it may be otherwise.
      startToCloseTimeout: "1.4s",
    });
    handle.cancel();
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof NexusOperationError)) throw error;
      return error.cause instanceof Error ? error.cause.message : error.message;
    }
  }
}

/** Sleeps a moment, whatever it is asked; one that is to be cancelled sleeps until it is. */
@workflow.defn()
export class Naps {
  @workflow.run
  async run(name: string): Promise<string> {
    await workflow.sleep(workflow.info().workflowId.startsWith("naps-cancelled") ? "1h" : 500);
    return `${name} slept`;
  }
}

/** Sends and gets what a codec must have hidden on the way. */
@workflow.defn()
export class KeepsSecrets {
  @workflow.run
  async run(endpoint: string, notesId: string): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: trouble });
    const { taskQueue } = workflow.info();
    const signal = { signal: "jot", signalArgs: ["secret note"] } as const;
    const notes = await workflow.signalWithStartWorkflow(TakesNotes, { id: notesId, taskQueue, ...signal });
    await notes.signal("stop");
    return client.executeOperation(trouble.operations.echo, "secret input", { scheduleToCloseTimeout: "30s" });
  }
}
