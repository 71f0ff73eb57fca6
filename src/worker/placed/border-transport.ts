import { fromPlainError } from "../../rpc/thread-message.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Transport, UnaryCall } from "../../rpc/transport.ts";
import type { PlacedMessage, WorkerMessage } from "./placed-message.ts";

interface PendingCall {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Has calls made by the worker, over its own connection. */
export class BorderTransport implements Transport {
  readonly #send: (call: Extract<PlacedMessage, { kind: "call" }>) => void;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;

  constructor(send: (call: Extract<PlacedMessage, { kind: "call" }>) => void) {
    this.#send = send;
  }

  call({ path, body, metadata = {}, timeoutMs, signal }: UnaryCall): Promise<Uint8Array> {
    this.#lastId++;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#pending.delete(id);
        reject(new RPCError(RPCStatusCode.CANCELLED, `Cannot finish call: its signal was aborted`));
      };
      if (signal?.aborted === true) {
        cancel();
        return;
      }
      const forget = (): void => signal?.removeEventListener("abort", cancel);
      this.#pending.set(id, {
        resolve: (answer) => {
          forget();
          resolve(answer);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      signal?.addEventListener("abort", cancel, { once: true });
      this.#send({ kind: "call", id, path, body, metadata, timeoutMs });
    });
  }

  /** Takes the worker's answer. */
  settle(message: Extract<WorkerMessage, { kind: "callAnswered" | "callFailed" }>): void {
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === "callAnswered") call?.resolve(message.body);
    else call?.reject(fromPlainError(message.error));
  }

  close(): Promise<void> {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of calls) reject(new RPCError(RPCStatusCode.CANCELLED, "Cannot finish call: it was closed"));
    return Promise.resolve();
  }
}
