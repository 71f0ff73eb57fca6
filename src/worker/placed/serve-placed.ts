import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { PlacedHost, type ActivityModule, type PlacedPort } from "./placed-host.ts";
import type { PlacedInit, PlacedMessage, WorkerMessage } from "./placed-message.ts";

/** Serves activities to the worker that started this thread or process. `load` gets the user's module. */
export function servePlaced(load: (init: PlacedInit) => ActivityModule | Promise<ActivityModule>): void {
  let host: PlacedHost | undefined;
  const receive = (message: WorkerMessage): void => {
    if (message.kind === "init") {
      void begin(message.init);
      return;
    }
    host?.receive(message);
  };
  const port = parentPort === null ? createProcessPort(receive) : createThreadPort(receive);
  async function begin(init: PlacedInit): Promise<void> {
    try {
      host = new PlacedHost(port, await load(init), init);
      port.post({ kind: "ready" });
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      port.post({ kind: "broken", reason });
    }
  }
}

function createThreadPort(receive: (message: WorkerMessage) => void): PlacedPort {
  const port = parentPort;
  if (port === null) throw new Error("Cannot serve activities: this is no thread");
  port.on("message", receive);
  return {
    post: (message) => port.postMessage(message),
    drain() {
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        receive(next.message as WorkerMessage);
      }
    },
  };
}

function createProcessPort(receive: (message: WorkerMessage) => void): PlacedPort {
  process.on("message", receive);
  // Without its worker the process has nothing left to do, and nobody to be ended by.
  process.once("disconnect", () => process.exit());
  // The worker ends its processes itself, after their activities; a signal to the whole group must not come before.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  return {
    post(message: PlacedMessage) {
      process.send?.(message);
    },
  };
}
