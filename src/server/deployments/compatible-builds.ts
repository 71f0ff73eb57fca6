import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { VersioningBehavior } from "../../proto/gen/enums.ts";
import type { Store } from "../store/store.ts";
import type { RoutedQueue } from "./deployments.ts";
import { setOf, type VersionSets } from "./version-sets.ts";

const BLOB_KIND = "version-sets";

/** Names a task queue whatever the type of its tasks. */
interface QueueName {
  readonly namespaceId: string;
  readonly name: string;
}

/** Which builds of workers can do each other's work, by task queue: versioning as it was before there were deployments. */
export class CompatibleBuilds {
  readonly #store: Store;
  readonly #onChanged: (queue: QueueName) => void;
  readonly #sets = new Map<string, VersionSets>();

  /** Pollers of a queue are to come anew, and what waits there is to be offered anew, when `onChanged` names it. */
  constructor(store: Store, onChanged: (queue: QueueName) => void) {
    this.#store = store;
    this.#onChanged = onChanged;
    for (const { id, value } of store.blobs(BLOB_KIND))
      this.#sets.set(id, JSON.parse(Buffer.from(value).toString("utf8")) as VersionSets);
  }

  /** The sets of a queue; none for a queue without versions. */
  find({ namespaceId, name }: QueueName): VersionSets {
    return this.#sets.get(`${namespaceId}/${name}`) ?? [];
  }

  /** Queues of a namespace that have a build in one of their sets. */
  queuesWith(namespaceId: string, buildId: string): readonly string[] {
    const prefix = `${namespaceId}/`;
    return [...this.#sets]
      .filter(([id, sets]) => id.startsWith(prefix) && setOf(sets, buildId) !== undefined)
      .map(([id]) => id.slice(prefix.length));
  }

  /** Puts a queue's sets in place of those before. Resolves when that is durable. */
  async put(queue: QueueName, sets: VersionSets): Promise<void> {
    const id = `${queue.namespaceId}/${queue.name}`;
    this.#sets.set(id, sets);
    this.#onChanged(queue);
    await this.#store.commit({
      runs: [],
      blobs: [{ kind: BLOB_KIND, id, value: Buffer.from(JSON.stringify(sets)) }],
    });
  }

  /** Where workers of a build wait for tasks: with those of their set. */
  waitingPlace(queue: QueueName, buildId: string): WorkerDeploymentVersion {
    return toPlace(setOf(this.find(queue), buildId)?.id ?? buildId);
  }

  /** Where a task goes: to the set of the build that the workflow is on, and new workflows to the default set. */
  route(queue: RoutedQueue, directive: VersionDirective): WorkerDeploymentVersion | undefined {
    const sets = this.find(queue);
    const { behavior, buildId, isNew } = directive;
    if (sets.length === 0 || behavior !== VersioningBehavior.UNSPECIFIED || (buildId === "" && !isNew))
      return undefined;
    const set = (buildId === "" ? undefined : setOf(sets, buildId)) ?? sets.at(-1);
    return set === undefined ? undefined : toPlace(set.id);
  }
}

/** No deployment has an empty name. */
function toPlace(setId: string): WorkerDeploymentVersion {
  return { deploymentName: "", buildId: setId };
}
