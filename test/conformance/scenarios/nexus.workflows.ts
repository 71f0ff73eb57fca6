import {
  CancelledError,
  NexusHandlerError,
  NexusOperationError,
  ApplicationError,
  TimeoutError,
} from "perdure/exceptions";
import * as workflow from "perdure/workflow";
import { greeter } from "./nexus.contract.ts";

/** An error and its causes, as far as a test looks at them. */
export interface Link {
  readonly name: string;
  readonly message: string;
  readonly type?: string | undefined;
  readonly state?: string | undefined;
}

function chainOf(error: unknown): Link[] {
  if (!(error instanceof Error)) return [];
  const type =
    error instanceof ApplicationError || error instanceof NexusHandlerError
      ? error.type
      : error instanceof TimeoutError
        ? String(error.type)
        : undefined;
  return [{ name: error.name, message: error.message, type }, ...chainOf(error.cause)];
}

/** Calls operations of the greeter by their typed definitions. */
@workflow.defn()
export class CallsGreeter {
  @workflow.run
  async run(endpoint: string, operation: "greet" | "meet" | "talk", input: string): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: greeter });
    const handle = await client.startOperation(greeter.operations[operation], input, {
      scheduleToCloseTimeout: "30s",
      headers: { "x-caller": "scenario" },
      summary: "a greeting",
    });
    const result = await handle.result();
    return `${handle.operationToken === undefined ? "at once" : "later"}: ${result}`;
  }
}

/** Backs an operation. */
@workflow.defn()
export class Meets {
  @workflow.run
  async run(name: string): Promise<string> {
    if (name === "nobody") throw new ApplicationError("nobody is here", { type: "Absent", nonRetryable: true });
    if (name === "forever") await workflow.sleep("1h");
    return `met ${name}`;
  }
}

/** Tells which errors a failed operation is made of. */
@workflow.defn()
export class FailsToGreet {
  @workflow.run
  async run(endpoint: string, operation: string, input: string): Promise<Link[]> {
    const client = workflow.createNexusClient({ endpoint, service: greeter });
    try {
      await client.executeOperation(operation, input, { scheduleToCloseTimeout: "15s" });
    } catch (error) {
      if (!(error instanceof NexusOperationError)) throw error;
      return chainOf(error);
    }
    return [];
  }
}

/** Cancels an operation that has started. */
@workflow.defn()
export class CancelsGreeting {
  @workflow.run
  async run(endpoint: string, cancellationType: workflow.NexusOperationCancellationType): Promise<string> {
    const client = workflow.createNexusClient({ endpoint, service: greeter });
    const handle = await client.startOperation(greeter.operations.meet, "forever", { cancellationType });
    handle.cancel();
    try {
      return await handle.result();
    } catch (error) {
      return error instanceof NexusOperationError && error.cause instanceof CancelledError
        ? "cancelled"
        : `unexpected: ${String(error)}`;
    }
  }
}
