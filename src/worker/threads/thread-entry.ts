import { parentPort, workerData } from "node:worker_threads";
import { serveThread } from "./serve-thread.ts";
import type { ThreadData } from "./thread-message.ts";
import type { CreateThreadService } from "./thread-service.ts";

const data = workerData as ThreadData;
if (parentPort !== null && data.module !== undefined) {
  const module = (await import(data.module)) as { readonly createService: CreateThreadService };
  await serveThread(parentPort, data, module.createService);
}
