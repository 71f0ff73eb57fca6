import type { Clock } from "../../core/time/clock.ts";
import {
  PollActivityTaskQueueResponse,
  RecordActivityTaskHeartbeatResponse,
  RespondActivityTaskCompletedRequest,
  RespondWorkflowTaskCompletedResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Transport, UnaryCall } from "../../rpc/transport.ts";
import type { FaultPlan } from "./fault-plan.ts";

/** What a {@link SimulatedTransport} needs of the world around it. */
export interface SimulatedNetwork {
  readonly clock: Clock;
  readonly plan: FaultPlan;
  /** Carries a call to the server that lives now. */
  deliver(call: UnaryCall): Promise<Uint8Array>;
}

/** Longest delay of the end of an activity. */
const LATE_COMPLETION_MAX_MS = 3_600_000;

/** Delay of the answer to a workflow task: longer than its timeout is where nobody sets it. */
const LATE_WORKFLOW_TASK_MS = 11_000;

/** Longest delay of a message to a workflow. */
const LATE_MESSAGE_MAX_MS = 5_000;

const completions = new Set([
  "RespondActivityTaskCompleted",
  "RespondActivityTaskFailed",
  "RespondActivityTaskCanceled",
]);
const messages = new Set(["SignalWorkflowExecution", "UpdateWorkflowExecution", "RequestCancelWorkflowExecution"]);

/** Carries calls to the simulated server and lets some of them go wrong. */
export class SimulatedTransport implements Transport {
  readonly #network: SimulatedNetwork;
  /** Types of activities by the token of their task. */
  readonly #types = new Map<string, string>();
  #isDead = false;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    // Nobody is left to hear an answer.
    if (this.#isDead) return new Promise(() => undefined);
    return this.#unlessDead(this.#carry(call));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Its user dies: calls from now on reach nobody, and calls in flight are never answered. */
  die(): void {
    this.#isDead = true;
  }

  async #unlessDead(answer: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const body = await answer;
      return this.#isDead ? await new Promise<never>(() => undefined) : body;
    } catch (error) {
      return this.#isDead ? await new Promise<never>(() => undefined) : Promise.reject(error);
    }
  }

  async #carry(call: UnaryCall): Promise<Uint8Array> {
    const method = call.path.slice(call.path.lastIndexOf("/") + 1);
    if (method === "PollActivityTaskQueue") return this.#pollActivity(call);
    if (completions.has(method)) return this.#completeActivity(call);
    const { plan } = this.#network;
    if (method === "RecordActivityTaskHeartbeat") {
      if (!plan.strikes("lostHeartbeat", plan.visit("heartbeat"))) return this.#deliver(call);
      return RecordActivityTaskHeartbeatResponse.encode({});
    }
    if (method === "RespondWorkflowTaskCompleted") {
      // No worker is told that its answer was taken when it was not: the service refuses what comes too late.
      if (plan.strikes("lostWorkflowTask", plan.visit("workflow task"))) await this.#pause(LATE_WORKFLOW_TASK_MS);
      const body = await this.#deliver(call);
      RespondWorkflowTaskCompletedResponse.decode(body).activityTasks.forEach((task) => this.#noteTask(task));
      return body;
    }
    if (messages.has(method)) await this.#delayMessage(plan.visit(method));
    return this.#deliver(call);
  }

  async #pollActivity(call: UnaryCall): Promise<Uint8Array> {
    const body = await this.#deliver(call);
    this.#noteTask(PollActivityTaskQueueResponse.decode(body));
    return body;
  }

  #noteTask({ taskToken, activityType }: PollActivityTaskQueueResponse): void {
    if (taskToken.length > 0) this.#types.set(toKey(taskToken), activityType?.name ?? "");
  }

  async #completeActivity(call: UnaryCall): Promise<Uint8Array> {
    const { plan } = this.#network;
    // The token has the same field in all three requests.
    const key = toKey(RespondActivityTaskCompletedRequest.decode(call.body).taskToken);
    const place = plan.visit(`end of activity "${this.#types.get(key) ?? ""}"`);
    this.#types.delete(key);
    if (plan.strikes("lostCompletion", place)) return new Uint8Array(0);
    if (plan.strikes("lateCompletion", place)) {
      await this.#pause(plan.delayMs("lateCompletion", place, LATE_COMPLETION_MAX_MS));
    }
    const answer = await this.#deliver(call);
    // The second report comes to nothing; the worker does not hear of it.
    if (plan.strikes("repeatedCompletion", place)) await this.#deliver(call).catch(() => undefined);
    return answer;
  }

  async #delayMessage(place: string): Promise<void> {
    const { plan } = this.#network;
    if (plan.strikes("lateMessage", place)) await this.#pause(plan.delayMs("lateMessage", place, LATE_MESSAGE_MAX_MS));
  }

  #deliver(call: UnaryCall): Promise<Uint8Array> {
    return this.#isDead ? new Promise(() => undefined) : this.#network.deliver(call);
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#network;
    return new Promise((resolve) => clock.schedule(clock.now() + ms, resolve));
  }
}

function toKey(token: Uint8Array): string {
  return Buffer.from(token).toString("base64");
}
