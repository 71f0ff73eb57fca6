import { setMaxListeners } from "node:events";
import { VirtualClock } from "../../src/core/time/virtual-clock.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../../src/proto/gen/errordetails.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import {
  type PollActivityTaskQueueResponse,
  type PollWorkflowTaskQueueResponse,
  WorkflowService,
} from "../../src/proto/gen/workflowservice.ts";
import type { Init, Method } from "../../src/proto/message.ts";
import { RPCError } from "../../src/rpc/rpc-error.ts";
import { type Server, startServer } from "../../src/server/index.ts";
import { FaultyStore } from "../../src/server/store/faulty-store.ts";
import { seededRandom } from "../../src/server/store/seeded-random.ts";
import { decide, fromPayloads, queue, toPayloads } from "./script.ts";
import { type Histories, Told } from "./told.ts";

const { methods } = WorkflowService;
const namespace = "default";
/** Turns of the event loop after which everything that can happen without time or disk has happened. */
const SETTLE_TURNS = 6;
const FINISH_ROUNDS_MAX = 400;
/** Runs of a chain that continues as new at most, but for those started anew after a chain has ended. */
const CHAIN_LENGTHS = 3;

/**
 * A server on a simulated disk, with clients and a worker that die and come back with it.
 *
 * Everything is decided by one seed. The worker runs the workflow of {@link decide}; its activity heartbeats, fails, and
 * ends as cancelled when it hears that it should.
 */
export class CrashWorld {
  readonly #random: () => number;
  readonly #clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly #writes: (() => void)[] = [];
  readonly #told = new Told();
  readonly #workflows: number;
  #store: FaultyStore;
  #server: Server | undefined;
  #life = new AbortController();
  #ids = 0;
  #workflowTasks: PollWorkflowTaskQueueResponse[] = [];
  #activityTasks: PollActivityTaskQueueResponse[] = [];
  crashes = 0;
  runs = 0;

  constructor(seed: number, workflows: number) {
    this.#random = seededRandom(seed);
    this.#workflows = workflows;
    this.#store = new FaultyStore({ random: this.#random, schedule: (write) => this.#writes.push(write) });
  }

  async run(steps: number): Promise<void> {
    await this.#boot();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#finish();
  }

  async #boot(): Promise<void> {
    this.#life = new AbortController();
    // All calls of a life end with it.
    setMaxListeners(0, this.#life.signal);
    const starting = startServer({
      store: this.#store,
      clock: this.#clock,
      newId: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
    });
    this.#server = await this.#withDisk(starting);
  }

  /** Lets the disk go on until a promise settles. */
  async #withDisk<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const watch = (): void => {
      isSettled = true;
    };
    promise.then(watch, watch);
    for (;;) {
      if (isSettled) return promise;
      this.#flush();
      await settle();
    }
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.12) this.#start();
    else if (dice < 0.22) this.#signal();
    else if (dice < 0.25) this.#cancel();
    else if (dice < 0.26) this.#terminate();
    else if (dice < 0.42) this.#poll();
    else if (dice < 0.65) this.#work();
    else if (dice < 0.87) this.#flush();
    else if (dice < 0.95) this.#clock.advanceBy(this.#random() * 5_000);
    else if (dice < 0.98) await this.#crash();
    else await this.#failDisk();
    await settle();
  }

  /** The power goes: nobody hears of what was not durable, and callers in flight hear nothing at all. */
  async #crash(): Promise<void> {
    this.crashes++;
    this.#store = this.#store.crash();
    await this.#restart();
  }

  /** A write fails: the server must stop answering, and what it had not acknowledged may be gone. */
  async #failDisk(): Promise<void> {
    this.#store.failNextWrite();
    this.#flush();
    await settle();
    this.#store = this.#store.crash();
    await this.#restart();
  }

  async #restart(): Promise<void> {
    this.#writes.length = 0;
    this.#life.abort();
    this.#workflowTasks = [];
    this.#activityTasks = [];
    await this.#boot();
  }

  #flush(): void {
    for (const write of this.#writes.splice(0)) write();
  }

  async #call<Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
    onError?: (error: unknown) => void,
  ): Promise<Response | undefined> {
    const server = this.#server;
    const life = this.#life;
    try {
      const answer = await server?.handler.handle({
        path: method.path,
        body: method.request.encode(request),
        metadata: {},
        timeoutMs: 30_000,
        signal: life.signal,
      });
      // An answer that comes after the crash never reached its caller.
      return life.signal.aborted || answer === undefined ? undefined : method.response.decode(answer);
    } catch (error) {
      if (!life.signal.aborted) onError?.(error);
      return undefined;
    }
  }

  /** A call whose answer is waited for, with the disk going on meanwhile. */
  async #ask<Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
  ): Promise<Response | undefined> {
    return this.#withDisk(this.#call(method, request));
  }

  #start(): void {
    const index = Math.floor(this.#random() * this.#workflows);
    const workflowId = `workflow-${index}`;
    const requestId = this.#random() < 0.7 ? `request-${workflowId}` : `request-${++this.#ids}`;
    const request = {
      namespace,
      workflowId,
      requestId,
      workflowType: { name: "Sim" },
      taskQueue: queue,
      input: toPayloads(String(index % CHAIN_LENGTHS)),
      identity: "client",
    };
    const onError = (error: unknown): void => {
      const detail =
        error instanceof RPCError
          ? error.details.find(({ typeUrl }) => typeUrl.endsWith(WorkflowExecutionAlreadyStartedFailure.typeName))
          : undefined;
      if (detail !== undefined) this.#told.started(WorkflowExecutionAlreadyStartedFailure.decode(detail.value).runId);
    };
    void this.#call(methods.StartWorkflowExecution, request, onError).then((answer) => {
      if (answer !== undefined) this.#told.started(answer.runId);
    });
  }

  #signal(): void {
    const signalName = `signal-${++this.#ids}`;
    const request = {
      namespace,
      workflowExecution: this.#anyWorkflow(),
      signalName,
      requestId: signalName,
      identity: "client",
    };
    void this.#call(methods.SignalWorkflowExecution, request).then((answer) => {
      if (answer !== undefined) this.#told.signalled(signalName);
    });
  }

  #cancel(): void {
    const workflowExecution = this.#anyWorkflow();
    void this.#call(methods.RequestCancelWorkflowExecution, {
      namespace,
      workflowExecution,
      requestId: `cancel-${++this.#ids}`,
    }).then((answer) => {
      if (answer !== undefined) this.#told.cancelRequested(workflowExecution.workflowId, this.#clock.now());
    });
  }

  #terminate(): void {
    const reason = `termination-${++this.#ids}`;
    void this.#call(methods.TerminateWorkflowExecution, {
      namespace,
      workflowExecution: this.#anyWorkflow(),
      reason,
    }).then((answer) => {
      if (answer !== undefined) this.#told.terminated(reason);
    });
  }

  #anyWorkflow(): { workflowId: string } {
    return { workflowId: `workflow-${Math.floor(this.#random() * this.#workflows)}` };
  }

  #poll(): void {
    void this.#call(methods.PollWorkflowTaskQueue, { namespace, taskQueue: queue, identity: "worker" }).then((task) => {
      if (task !== undefined && task.taskToken.length > 0) this.#workflowTasks.push(task);
    });
    void this.#call(methods.PollActivityTaskQueue, { namespace, taskQueue: queue, identity: "worker" }).then((task) => {
      if (task === undefined || task.taskToken.length === 0) return;
      this.#told.attempted(task.workflowExecution?.runId ?? "", Number(fromPayloads(task.heartbeatDetails)));
      this.#activityTasks.push(task);
    });
  }

  /** Goes on with an activity, somehow, and answers a workflow task. */
  #work(): void {
    const activity = this.#activityTasks.shift();
    if (activity !== undefined) {
      const dice = this.#random();
      if (dice < 0.3) this.#heartbeat(activity);
      else if (dice < 0.5) this.#failActivity(activity);
      else this.#completeActivity(activity);
    }
    this.#answerWorkflowTask();
  }

  #heartbeat(task: PollActivityTaskQueueResponse): void {
    const { taskToken } = task;
    const beat = ++this.#ids;
    void this.#call(methods.RecordActivityTaskHeartbeat, {
      taskToken,
      details: toPayloads(String(beat)),
      identity: "worker",
    }).then((answer) => {
      if (answer === undefined) return;
      this.#told.heartbeat(task.workflowExecution?.runId ?? "", beat);
      if (answer.cancelRequested)
        void this.#call(methods.RespondActivityTaskCanceled, { taskToken, identity: "worker" });
      else this.#activityTasks.push(task);
    });
  }

  #failActivity({ taskToken }: PollActivityTaskQueueResponse): void {
    const failure = {
      message: "try again",
      failureInfo: { case: "applicationFailureInfo", value: { type: "Sim" } },
    } as const;
    void this.#call(methods.RespondActivityTaskFailed, { taskToken, failure, identity: "worker" });
  }

  #completeActivity({ taskToken, workflowExecution }: PollActivityTaskQueueResponse): void {
    void this.#call(methods.RespondActivityTaskCompleted, {
      taskToken,
      result: toPayloads("done"),
      identity: "worker",
    }).then((answer) => {
      if (answer !== undefined) this.#told.activityCompleted(workflowExecution?.runId ?? "");
    });
  }

  #answerWorkflowTask(): void {
    const task = this.#workflowTasks.shift();
    if (task === undefined) return;
    const { taskToken, workflowExecution, startedEventId } = task;
    const commands = decide(task.history?.events ?? []);
    void this.#call(methods.RespondWorkflowTaskCompleted, { taskToken, commands, identity: "worker" }).then(
      (answer) => {
        if (answer !== undefined) this.#told.workflowTaskCompleted(workflowExecution?.runId ?? "", startedEventId);
      },
    );
  }

  /** Lets everything come to its end, with nothing in its way any more. */
  async #finish(): Promise<void> {
    for (let round = 0; round < FINISH_ROUNDS_MAX && !this.#store.openRuns()[Symbol.iterator]().next().done; round++) {
      this.#poll();
      await this.#settleAll();
      for (let activity = this.#activityTasks.shift(); activity !== undefined; activity = this.#activityTasks.shift())
        this.#completeActivity(activity);
      while (this.#workflowTasks.length > 0) this.#answerWorkflowTask();
      await this.#settleAll();
      if (round % 3 === 2) this.#clock.advanceBy(4_000);
    }
  }

  async #settleAll(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await settle();
      this.#flush();
    }
    await settle();
  }

  /** Everything that is not as callers were told; empty if all is well. */
  async findFaults(): Promise<string[]> {
    const never = [...this.#store.openRuns()].map(({ workflowId }) => `${workflowId} never ended`);
    const histories = await this.#histories();
    this.runs = histories.size;
    return [...never, ...this.#told.findFaults(histories)];
  }

  async #histories(): Promise<Histories> {
    const list = await this.#ask(methods.ListWorkflowExecutions, { namespace, pageSize: 1000 });
    const histories = new Map<string, readonly HistoryEvent[]>();
    for (const { execution } of list?.executions ?? []) {
      const answer = await this.#ask(methods.GetWorkflowExecutionHistory, {
        namespace,
        execution,
        maximumPageSize: 1000,
      });
      if (answer !== undefined) histories.set(execution?.runId ?? "", answer.history?.events ?? []);
    }
    return histories;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
