import type { MessagePort } from "node:worker_threads";
import type { Clock } from "../core/time/clock.ts";
import { hostClock } from "./host-clock.ts";
import type { AbandonCall } from "./incoming.ts";
import { serveCall } from "./incoming.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { CallerMessage, ServiceMessage } from "./thread-message.ts";
import { fromPlainError, Outbox, ownBytes, toPlainError } from "./thread-message.ts";
import type { RpcHandler } from "./transport.ts";

/** What {@link serveThread} may be told. */
export interface ThreadServiceOptions {
  /** Measures deadlines. @default the host's clock */
  readonly clock?: Clock;
}

/**
 * Serves the calls that come through a port from a `ThreadTransport` in another thread.
 *
 * @returns A function that ends it: calls in flight are abandoned and the port is closed.
 */
export function serveThread(handler: RpcHandler, port: MessagePort, options: ThreadServiceOptions = {}): () => void {
  const outbox = new Outbox<ServiceMessage>(port);
  const open = new Map<number, AbandonCall>();
  const clock = options.clock ?? hostClock;

  const receive = (message: CallerMessage): void => {
    const { id } = message;
    switch (message.kind) {
      case "call": {
        const answering = {
          answer: (answer: Uint8Array): void => {
            open.delete(id);
            const body = ownBytes(answer);
            outbox.post({ kind: "answer", id, body }, body);
          },
          fail: (error: RPCError): void => {
            open.delete(id);
            outbox.post({ kind: "fail", id, error: toPlainError(error) });
          },
        };
        open.set(id, serveCall(handler, message, answering, clock));
        return;
      }
      case "abandon":
        open.get(id)?.(fromPlainError(message.reason));
        open.delete(id);
        return;
    }
  };

  port.on("message", (messages: readonly CallerMessage[]) => {
    for (const message of messages) receive(message);
  });
  port.once("close", () => {
    const gone = new RPCError(RPCStatusCode.CANCELLED, "The caller's end of the port is closed");
    for (const abandon of open.values()) abandon(gone);
    open.clear();
  });
  return () => {
    outbox.flush();
    port.close();
  };
}
