import { TaskQueueConfig } from "../../proto/gen/taskqueue.ts";
import type { Store } from "../store/store.ts";
import type { Matching, TaskQueueAddress } from "./matching.ts";
import type { TaskQueueType } from "./task.ts";

const BLOB_KIND = "task-queue-config";

/** What operators have set for task queues, kept in the store. */
export class QueueConfigs {
  readonly #store: Store;
  readonly #matching: Matching;
  readonly #configs = new Map<string, TaskQueueConfig>();

  constructor(store: Store, matching: Matching) {
    this.#store = store;
    this.#matching = matching;
    for (const { id, value } of store.blobs(BLOB_KIND)) {
      const config = TaskQueueConfig.decode(value);
      this.#configs.set(id, config);
      const [namespaceId = "", type = "", ...name] = id.split("/");
      this.#apply({ namespaceId, type: type as TaskQueueType, name: name.join("/") }, config);
    }
  }

  find(address: TaskQueueAddress): TaskQueueConfig | undefined {
    return this.#configs.get(toId(address));
  }

  /** Puts a queue's settings in place of those before. Resolves when that is durable. */
  async put(address: TaskQueueAddress, config: TaskQueueConfig): Promise<void> {
    const id = toId(address);
    this.#configs.set(id, config);
    this.#apply(address, config);
    await this.#store.commit({ runs: [], blobs: [{ kind: BLOB_KIND, id, value: TaskQueueConfig.encode(config) }] });
  }

  #apply(address: TaskQueueAddress, { queueRateLimit }: TaskQueueConfig): void {
    this.#matching.fixRate(address, queueRateLimit?.rateLimit?.requestsPerSecond);
  }
}

function toId({ namespaceId, type, name }: TaskQueueAddress): string {
  return `${namespaceId}/${type}/${name}`;
}
