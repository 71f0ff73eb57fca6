import type { Client, WorkflowHandle as ClientWorkflowHandle } from "../../client/index.ts";
import { fromOperationToken, OperationTokenError, toOperationToken } from "../../nexus/operation-token.ts";

/** A workflow that backs a Nexus operation: its result is the operation's. */
export class WorkflowHandle<Result> {
  readonly namespace: string;
  readonly workflowId: string;
  /** For the compiler only. */
  declare readonly $result?: Result;

  /** Made by `startWorkflow` of an operation's context. */
  constructor(namespace: string, workflowId: string) {
    this.namespace = namespace;
    this.workflowId = workflowId;
  }

  /** The operation's token. */
  toToken(): string {
    const { namespace, workflowId } = this;
    return toOperationToken({ kind: "workflow", namespace, workflowId });
  }

  /** The workflow that a token names. @throws {OperationTokenError} If it names none. */
  static fromToken<Result>(token: string): WorkflowHandle<Result> {
    const target = fromOperationToken(token);
    if (target.kind === "workflow") return new WorkflowHandle(target.namespace, target.workflowId);
    throw new OperationTokenError(
      `Cannot read operation token: it names an operation backed by an ${target.kind}, expected a workflow`,
    );
  }

  /** The same workflow for a client. @throws {OperationTokenError} If the client is for another namespace. */
  on(client: Client): ClientWorkflowHandle {
    if (client.namespace === this.namespace) return client.getWorkflowHandle(this.workflowId);
    throw new OperationTokenError(
      `Cannot use operation token: it is for namespace "${this.namespace}", the client for "${client.namespace}"`,
    );
  }
}
