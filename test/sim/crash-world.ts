import { VirtualClock } from "../../src/core/time/virtual-clock.ts";
import { CommandType, EventType } from "../../src/proto/gen/enums.ts";
import type { Command } from "../../src/proto/gen/command.ts";
import type { HistoryEvent } from "../../src/proto/gen/history.ts";
import { type PollActivityTaskQueueResponse, type PollWorkflowTaskQueueResponse, WorkflowService } from "../../src/proto/gen/workflowservice.ts";
import type { Init, Method } from "../../src/proto/message.ts";
import { type Server, startServer } from "../../src/server/index.ts";
import { FaultyStore } from "../../src/server/store/faulty-store.ts";
import { seededRandom } from "../../src/server/store/seeded-random.ts";

const { methods } = WorkflowService;
const namespace = "default";
const queue = { name: "sim" };
const payloads = (text: string) => ({ payloads: [{ data: new TextEncoder().encode(text) }] });
/** Turns of the event loop after which everything that can happen without time or disk has happened. */
const SETTLE_TURNS = 6;

/** What callers were told: only what a promise has resolved with counts. */
interface Acknowledged {
  readonly starts: Map<string, string>;
  readonly signals: Map<string, string[]>;
  readonly activityResults: number;
}

/**
 * A server on a simulated disk, with clients and a worker that die and come back with it.
 *
 * Everything is decided by one seed. The workflow that the scripted worker runs schedules one activity, and completes
 * once that has completed and its signals are there.
 */
export class CrashWorld {
  readonly #random: () => number;
  readonly #clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly #writes: (() => void)[] = [];
  readonly #acknowledged: Acknowledged = { starts: new Map(), signals: new Map(), activityResults: 0 };
  readonly #workflows: number;
  #store: FaultyStore;
  #server: Server | undefined;
  #life = new AbortController();
  #ids = 0;
  #workflowTasks: PollWorkflowTaskQueueResponse[] = [];
  #activityTasks: PollActivityTaskQueueResponse[] = [];
  crashes = 0;

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
    const starting = startServer({
      store: this.#store,
      clock: this.#clock,
      newId: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
    });
    let server: Server | undefined;
    void starting.then((one) => (server = one));
    while (server === undefined) {
      this.#flush();
      await settle();
    }
    this.#server = server;
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.15) this.#start();
    else if (dice < 0.35) this.#signal();
    else if (dice < 0.5) this.#poll();
    else if (dice < 0.65) this.#answer();
    else if (dice < 0.9) this.#flush();
    else if (dice < 0.95) this.#clock.advanceBy(this.#random() * 20_000);
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

  async #call<Request extends object, Response extends object>(method: Method<Request, Response>, request: Init<Request>): Promise<Response | undefined> {
    const server = this.#server;
    const life = this.#life;
    try {
      const answer = await server?.handler.handle({ path: method.path, body: method.request.encode(request), metadata: {}, timeoutMs: 30_000, signal: life.signal });
      // An answer that comes after the crash never reached its caller.
      return life.signal.aborted || answer === undefined ? undefined : method.response.decode(answer);
    } catch {
      return undefined;
    }
  }

  /** A call whose answer is waited for, with the disk going on meanwhile. */
  async #ask<Request extends object, Response extends object>(method: Method<Request, Response>, request: Init<Request>): Promise<Response | undefined> {
    let answered = false;
    const answer = this.#call(method, request).finally(() => (answered = true));
    while (!answered) {
      this.#flush();
      await settle();
    }
    return answer;
  }

  #start(): void {
    const id = this.#anyId();
    const request = { namespace, workflowId: id, requestId: `request-${id}`, workflowType: { name: "Sim" }, taskQueue: queue, identity: "client" };
    void this.#call(methods.StartWorkflowExecution, request).then((answer) => {
      if (answer !== undefined) this.#acknowledged.starts.set(id, answer.runId);
    });
  }

  #signal(): void {
    const id = this.#anyId();
    const name = `signal-${++this.#ids}`;
    const request = { namespace, workflowExecution: { workflowId: id }, signalName: name, requestId: name, identity: "client" };
    void this.#call(methods.SignalWorkflowExecution, request).then((answer) => {
      if (answer !== undefined) this.#acknowledged.signals.set(id, [...(this.#acknowledged.signals.get(id) ?? []), name]);
    });
  }

  #anyId(): string {
    return `workflow-${Math.floor(this.#random() * this.#workflows)}`;
  }

  #poll(): void {
    void this.#call(methods.PollWorkflowTaskQueue, { namespace, taskQueue: queue, identity: "worker" }).then((task) => {
      if (task !== undefined && task.taskToken.length > 0) this.#workflowTasks.push(task);
    });
    void this.#call(methods.PollActivityTaskQueue, { namespace, taskQueue: queue, identity: "worker" }).then((task) => {
      if (task !== undefined && task.taskToken.length > 0) this.#activityTasks.push(task);
    });
  }

  #answer(): void {
    const activity = this.#activityTasks.shift();
    if (activity !== undefined) void this.#call(methods.RespondActivityTaskCompleted, { taskToken: activity.taskToken, result: payloads("done"), identity: "worker" });
    const task = this.#workflowTasks.shift();
    if (task !== undefined) void this.#call(methods.RespondWorkflowTaskCompleted, { taskToken: task.taskToken, commands: decide(task.history?.events ?? []), identity: "worker" });
  }

  async #finish(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      if (this.#openRuns().length === 0) break;
      this.#poll();
      await this.#settleAll();
      while (this.#workflowTasks.length + this.#activityTasks.length > 0) this.#answer();
      await this.#settleAll();
      if (round % 10 === 9) this.#clock.advanceBy(15_000);
    }
  }

  async #settleAll(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await settle();
      this.#flush();
    }
    await settle();
  }

  #openRuns(): readonly string[] {
    return [...this.#store.openRuns()].map(({ workflowId }) => workflowId);
  }

  /** Everything that is not as callers were told; empty if all is well. */
  async findFaults(): Promise<string[]> {
    const faults = this.#openRuns().map((id) => `${id} never ended`);
    for (const [id, runId] of this.#acknowledged.starts) {
      const events = await this.#history(id, runId);
      if (events === undefined) faults.push(`${id} was acknowledged as started, and is gone`);
      else faults.push(...findHistoryFaults(id, events));
    }
    for (const [id, names] of this.#acknowledged.signals) {
      const found = (await this.#allHistories(id)).flatMap((event) => (event.attributes?.case === "workflowExecutionSignaledEventAttributes" ? [event.attributes.value.signalName] : []));
      for (const name of names) if (found.filter((one) => one === name).length !== 1) faults.push(`${id} was acknowledged ${name}, and has it ${found.filter((one) => one === name).length} times`);
    }
    return faults;
  }

  async #history(workflowId: string, runId: string): Promise<HistoryEvent[] | undefined> {
    const answer = await this.#ask(methods.GetWorkflowExecutionHistory, { namespace, execution: { workflowId, runId }, maximumPageSize: 1000 });
    return answer?.history?.events;
  }

  async #allHistories(workflowId: string): Promise<HistoryEvent[]> {
    const list = await this.#ask(methods.ListWorkflowExecutions, { namespace, pageSize: 1000 });
    const runs = (list?.executions ?? []).filter(({ execution }) => execution?.workflowId === workflowId);
    const histories = await Promise.all(runs.map(({ execution }) => this.#history(workflowId, execution?.runId ?? "")));
    return histories.flatMap((events) => events ?? []);
  }
}

function decide(events: readonly HistoryEvent[]): Init<Command>[] {
  const has = (type: EventType): boolean => events.some((event) => event.eventType === type);
  if (!has(EventType.ACTIVITY_TASK_SCHEDULED))
    return [
      {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        attributes: { case: "scheduleActivityTaskCommandAttributes", value: { activityId: "1", activityType: { name: "work" }, taskQueue: queue, startToCloseTimeout: { seconds: 10 }, heartbeatTimeout: { seconds: 5 }, retryPolicy: { initialInterval: { seconds: 1 }, maximumInterval: { seconds: 5 } } } },
      },
    ];
  if (!has(EventType.ACTIVITY_TASK_COMPLETED)) return [];
  return [{ commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION, attributes: { case: "completeWorkflowExecutionCommandAttributes", value: { result: payloads("ok") } } }];
}

function findHistoryFaults(id: string, events: readonly HistoryEvent[]): string[] {
  const faults: string[] = [];
  if (events.some((event, index) => event.eventId !== index + 1)) faults.push(`${id} has event ids ${events.map((event) => event.eventId).join(" ")}`);
  const count = (type: EventType): number => events.filter((event) => event.eventType === type).length;
  if (count(EventType.WORKFLOW_EXECUTION_STARTED) !== 1) faults.push(`${id} has ${count(EventType.WORKFLOW_EXECUTION_STARTED)} started events`);
  if (count(EventType.WORKFLOW_EXECUTION_COMPLETED) !== 1) faults.push(`${id} has ${count(EventType.WORKFLOW_EXECUTION_COMPLETED)} completed events`);
  if (count(EventType.ACTIVITY_TASK_COMPLETED) !== 1) faults.push(`${id} has ${count(EventType.ACTIVITY_TASK_COMPLETED)} completed activities`);
  return faults;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
