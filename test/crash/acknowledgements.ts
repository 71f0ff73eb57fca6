import { openTransport, registerScheme } from "perdure/client";
import { WorkflowService } from "../../src/proto/gen/workflowservice.ts";
import type {
  PollActivityTaskQueueResponse,
  PollWorkflowTaskQueueResponse,
} from "../../src/proto/gen/workflowservice.ts";
import type { Transport, UnaryCall } from "../../src/rpc/transport.ts";

const { methods } = WorkflowService;
const writing: ReadonlySet<string> = new Set(
  [
    methods.StartWorkflowExecution,
    methods.SignalWorkflowExecution,
    methods.RespondActivityTaskCompleted,
    methods.RespondWorkflowTaskCompleted,
  ].map(({ path }) => path),
);

/** A task's completion that the server has acknowledged to the worker. */
export interface AcknowledgedCompletion {
  readonly kind: "workflowTask" | "activity";
  readonly workflowId: string;
  readonly runId: string;
  /** Of the workflow task's started event; of the activity, its id. */
  readonly task: string;
}

type Completing = Omit<AcknowledgedCompletion, "kind">;

/**
 * What the server told a worker, read off the wire: a transport that a client may be connected through, by an address
 * such as `recorded:localhost:7233`.
 */
export class Acknowledgements {
  readonly completions: AcknowledgedCompletion[] = [];
  /** Calls that change something and have been acknowledged. */
  writes = 0;
  #onWrite: () => void = () => undefined;
  readonly #tasks = new Map<string, Completing>();

  /** Makes addresses of the scheme go through this record. */
  register(scheme: string): void {
    registerScheme(scheme, async (address, options) =>
      this.#record(await openTransport(address.slice(scheme.length + 1), options)),
    );
  }

  /** Resolves with the next acknowledged write. */
  async nextWrite(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onWrite = resolve;
    });
  }

  /** The completions by workflow id. */
  byWorkflow(): Map<string, AcknowledgedCompletion[]> {
    const found = new Map<string, AcknowledgedCompletion[]>();
    for (const completion of this.completions) {
      const ofWorkflow = found.get(completion.workflowId);
      if (ofWorkflow === undefined) found.set(completion.workflowId, [completion]);
      else ofWorkflow.push(completion);
    }
    return found;
  }

  #record(inner: Transport): Transport {
    return {
      call: async (call) => {
        const answer = await inner.call(call);
        if (writing.has(call.path)) {
          this.writes++;
          this.#onWrite();
        }
        this.#note(call, answer);
        return answer;
      },
      close: () => inner.close(),
    };
  }

  #note({ path, body }: UnaryCall, answer: Uint8Array): void {
    if (path === methods.PollWorkflowTaskQueue.path)
      this.#noteWorkflowTask(methods.PollWorkflowTaskQueue.response.decode(answer));
    else if (path === methods.PollActivityTaskQueue.path)
      this.#noteActivityTask(methods.PollActivityTaskQueue.response.decode(answer));
    else if (path === methods.RespondActivityTaskCompleted.path)
      this.#noteCompletion("activity", methods.RespondActivityTaskCompleted.request.decode(body).taskToken);
    else if (path === methods.RespondWorkflowTaskCompleted.path) {
      this.#noteCompletion("workflowTask", methods.RespondWorkflowTaskCompleted.request.decode(body).taskToken);
      const { workflowTask, activityTasks } = methods.RespondWorkflowTaskCompleted.response.decode(answer);
      if (workflowTask !== undefined) this.#noteWorkflowTask(workflowTask);
      for (const task of activityTasks) this.#noteActivityTask(task);
    }
  }

  #noteWorkflowTask({ taskToken, workflowExecution, startedEventId }: PollWorkflowTaskQueueResponse): void {
    if (taskToken.length > 0)
      this.#noteTask(taskToken, {
        workflowId: workflowExecution?.workflowId ?? "",
        runId: workflowExecution?.runId ?? "",
        task: String(startedEventId),
      });
  }

  #noteActivityTask({ taskToken, workflowExecution, activityId }: PollActivityTaskQueueResponse): void {
    if (taskToken.length > 0)
      this.#noteTask(taskToken, {
        workflowId: workflowExecution?.workflowId ?? "",
        runId: workflowExecution?.runId ?? "",
        task: activityId,
      });
  }

  #noteTask(token: Uint8Array, completing: Completing): void {
    this.#tasks.set(Buffer.from(token).toString("base64"), completing);
  }

  #noteCompletion(kind: AcknowledgedCompletion["kind"], token: Uint8Array): void {
    const completing = this.#tasks.get(Buffer.from(token).toString("base64"));
    if (completing !== undefined) this.completions.push({ kind, ...completing });
  }
}
