import type { MessagePort } from "node:worker_threads";
import { Outbox } from "../../rpc/thread-message.ts";
import { HeartbeatWriter } from "./heartbeat.ts";
import {
  fromPlainError,
  toPlainError,
  type AnswerMessage,
  type CallMessage,
  type MainMessage,
  type ThreadData,
  type ThreadMessage,
} from "./thread-message.ts";
import type { CreateThreadService, ThreadContext, ThreadService } from "./thread-service.ts";

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Makes a service in this thread, once `port` says what from, and has it answer the calls that come over it. */
export async function serveThread(
  port: MessagePort,
  data: ThreadData,
  createService: CreateThreadService,
): Promise<void> {
  const outbox = new Outbox<ThreadMessage>(port);
  const heartbeat = new HeartbeatWriter(data.heartbeat);
  const runNumbers = new Map<string, number>();
  const pending = new Map<number, PendingCall>();
  let lastId = 0;
  const context: ThreadContext = {
    call(method, ...args) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        outbox.post({ kind: "call", id, method, args });
      });
    },
    notify(method, ...args) {
      outbox.post({ kind: "call", id: undefined, method, args });
    },
    guard: (runId, code) => heartbeat.turn(runNumbers.get(runId) ?? 0, code),
  };

  let initialize: (init: unknown) => void = () => undefined;
  const service = new Promise((resolve) => (initialize = resolve)).then((init) => createService(init, context));
  let ready: ThreadService | undefined;
  function receive(message: MainMessage): void {
    switch (message.kind) {
      case "init":
        initialize(message.init);
        return;
      case "call":
        if (message.run !== undefined) runNumbers.set(message.run.id, message.run.number);
        if (ready !== undefined) void answer(ready, message, outbox);
        else void service.then((made) => answer(made, message, outbox));
        return;
      case "release":
        runNumbers.delete(message.runId);
        return;
      case "answer":
      case "fail":
        settle(pending, message);
    }
  }
  port.on("message", (messages: readonly MainMessage[]) => {
    for (const message of messages) receive(message);
  });
  ready = await service;
  outbox.post({ kind: "ready" });
}

async function answer(
  service: ThreadService,
  { id, method, args }: CallMessage,
  outbox: Outbox<ThreadMessage>,
): Promise<void> {
  try {
    const called = service[method];
    if (called === undefined)
      throw new TypeError(`Cannot call "${method}" in a workflow thread: its service has no such method`);
    const result = await called.apply(service, args as never[]);
    if (id !== undefined) outbox.post({ kind: "answer", id, result });
  } catch (error) {
    if (id === undefined) throw error;
    outbox.post({ kind: "fail", id, error: toPlainError(error) });
  }
}

function settle(pending: Map<number, PendingCall>, message: AnswerMessage): void {
  const call = pending.get(message.id);
  pending.delete(message.id);
  if (message.kind === "answer") call?.resolve(message.result);
  else call?.reject(fromPlainError(message.error));
}
