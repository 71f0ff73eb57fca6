import type { MessagePort, Transferable } from "node:worker_threads";
import type { RPCErrorDetail } from "./rpc-error.ts";
import { RPCError } from "./rpc-error.ts";
import type { RPCStatusCode } from "./status.ts";
import type { Metadata } from "./transport.ts";
import { setImmediate } from "./host-timers.ts";

/** An {@link RPCError} as plain data, which is all that crosses between threads. */
export interface PlainError {
  readonly status: RPCStatusCode;
  readonly message: string;
  readonly details: readonly RPCErrorDetail[];
}

/** What a caller's thread tells a service's thread. */
export type CallerMessage =
  | {
      readonly kind: "call";
      readonly id: number;
      readonly path: string;
      readonly body: Uint8Array;
      readonly metadata: Metadata;
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: "abandon"; readonly id: number; readonly reason: PlainError };

/** What a service's thread tells a caller's thread. */
export type ServiceMessage =
  | { readonly kind: "answer"; readonly id: number; readonly body: Uint8Array }
  | { readonly kind: "fail"; readonly id: number; readonly error: PlainError };

// Below this size a copy inside the message costs less than handing over a buffer.
const TRANSFER_BYTES_MIN = 1024;

// From so many messages on the other thread has work enough to be woken for, while this one produces more.
const BATCH_MAX = 16;

/** Sends what one turn of the event loop produced as few messages: waking the other thread is what costs. */
export class Outbox<Message> {
  readonly #port: Pick<MessagePort, "postMessage">;
  #messages: Message[] = [];
  #transfer: Transferable[] = [];
  #isScheduled = false;

  constructor(port: Pick<MessagePort, "postMessage">) {
    this.#port = port;
  }

  /** Sends `message` at the end of this turn; `bytes` is the part of it made by {@link ownBytes}, if any. */
  post(message: Message, bytes?: Uint8Array<ArrayBuffer>): void {
    if (!this.#isScheduled) this.#schedule();
    this.#messages.push(message);
    if (bytes !== undefined && bytes.byteLength >= TRANSFER_BYTES_MIN) this.#transfer.push(bytes.buffer);
    if (this.#messages.length >= BATCH_MAX) this.flush();
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    const transfer = this.#transfer;
    this.#messages = [];
    this.#transfer = [];
    this.#port.postMessage(messages, transfer);
  }
}

/** A copy that may be handed over: what the sender keeps stays readable, and nothing else that shares its buffer travels. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** The error as plain data. */
export function toPlainError(error: RPCError): PlainError {
  const details = error.details.map(({ typeUrl, value }) => ({ typeUrl, value: ownBytes(value) }));
  return { status: error.status, message: error.message, details };
}

/** The error that {@link toPlainError} took apart. */
export function fromPlainError(plain: PlainError): RPCError {
  return new RPCError(plain.status, plain.message, { details: plain.details });
}
