import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import type { TargetVersion } from "../../core/execution/versioning/versioning-state.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import {
  ResourceExhaustedCause,
  ResourceExhaustedScope,
  WorkerDeploymentVersionStatus,
} from "../../proto/gen/enums.ts";
import { resourceExhausted } from "../failures.ts";
import type { Store } from "../store/store.ts";
import { ensureVersion } from "./deployment-change.ts";
import {
  decodeDeployment,
  DEPLOYMENT_BLOB,
  deploymentWrite,
  findVersion,
  newDeployment,
  withVersion,
  type DeploymentRecord,
  type VersionQueue,
} from "./deployment-record.ts";
import { routeQueue, routeTask, servesQueue, targetOf, type QueueRouting } from "./routing.ts";

// As many as the service allows where nobody says otherwise.
const DEPLOYMENTS_MAX = 100;
const VERSIONS_MAX = 100;
const QUEUES_MAX = 100;

const NOTHING: readonly DeploymentRecord[] = [];

/** A queue of a namespace, whatever the version of its workers. */
export interface RoutedQueue extends VersionQueue {
  readonly namespaceId: string;
}

/** The worker deployments of a server, kept in its store, and what they say of where tasks go. */
export class Deployments {
  readonly #store: Store;
  readonly #onRouted: (queue: RoutedQueue) => void;
  readonly #byNamespace = new Map<string, readonly DeploymentRecord[]>();
  #lastWrite: Promise<void> = Promise.resolve();

  /** Whatever waits in a queue is to be offered anew when `onRouted` names it. */
  constructor(store: Store, onRouted: (queue: RoutedQueue) => void) {
    this.#store = store;
    this.#onRouted = onRouted;
    for (const { value } of store.blobs(DEPLOYMENT_BLOB)) this.#remember(decodeDeployment(value));
  }

  /** All deployments of a namespace, the oldest first. */
  list(namespaceId: string): readonly DeploymentRecord[] {
    return this.#byNamespace.get(namespaceId) ?? NOTHING;
  }

  find(namespaceId: string, name: string): DeploymentRecord | undefined {
    return this.list(namespaceId).find((deployment) => deployment.name === name);
  }

  /**
   * Makes a deployment known. Resolves when that is durable.
   *
   * @throws {RPCError} `RESOURCE_EXHAUSTED` if it is new and there are too many.
   */
  async put(deployment: DeploymentRecord): Promise<void> {
    this.#set(deployment);
    await this.#lastWrite;
  }

  /** Makes a change known that is part of another call; whoever needs it to be durable waits for the call's own commit. */
  change(deployment: DeploymentRecord): void {
    this.#set(deployment);
  }

  /** Forgets a deployment. Resolves when that is durable. */
  async remove(deployment: DeploymentRecord): Promise<void> {
    const { namespaceId, name } = deployment;
    this.#byNamespace.set(
      namespaceId,
      this.list(namespaceId).filter((known) => known.name !== name),
    );
    await this.#write(deployment, true);
  }

  /** Removes what a deleted namespace leaves behind. */
  async removeNamespace(namespaceId: string): Promise<void> {
    for (const deployment of this.list(namespaceId)) await this.remove(deployment);
    this.#byNamespace.delete(namespaceId);
  }

  /**
   * Notes that workers of a version poll a queue.
   *
   * @throws {RPCError} `RESOURCE_EXHAUSTED` if there are too many deployments, versions or queues.
   */
  register(
    namespaceId: string,
    { deploymentName, buildId }: WorkerDeploymentVersion,
    queue: VersionQueue,
    nowMs: number,
  ): void {
    const known = this.find(namespaceId, deploymentName) ?? newDeployment(namespaceId, deploymentName, nowMs);
    if (servesQueue(known, buildId, queue)) return;
    if (findVersion(known, buildId) === undefined && known.versions.length >= VERSIONS_MAX)
      throw limitReached(
        `cannot add version ${deploymentName}.${buildId} since maximum number of versions (${VERSIONS_MAX}) have been registered in the deployment`,
      );
    const deployment = ensureVersion(known, buildId, nowMs);
    const version = findVersion(deployment, buildId);
    if (version === undefined) return;
    if (version.queues.length >= QUEUES_MAX)
      throw limitReached(
        `cannot add task queue ${queue.name} since maximum number of task queues (${QUEUES_MAX}) have been registered in deployment`,
      );
    const { CREATED, INACTIVE } = WorkerDeploymentVersionStatus;
    const status = version.status === CREATED ? INACTIVE : version.status;
    this.#set(withVersion(deployment, { ...version, status, queues: [...version.queues, queue] }));
  }

  /** The version whose workers get a task of a queue; undefined means workers without one. */
  route({ namespaceId, name, type }: RoutedQueue, directive: VersionDirective): WorkerDeploymentVersion | undefined {
    return routeTask(this.list(namespaceId), { name, type }, directive);
  }

  /** Where tasks of a queue go that are not bound to a version. */
  routing({ namespaceId, name, type }: RoutedQueue): QueueRouting {
    return routeQueue(this.list(namespaceId), { name, type });
  }

  /** Where a workflow's tasks of a queue go if they are not bound to a version. */
  target(queue: RoutedQueue, { workflowId, usesRamping }: VersionDirective): TargetVersion {
    return targetOf(this.routing(queue), workflowId, usesRamping);
  }

  /** Whether workers of a version poll, or have polled, a queue. */
  serves({ namespaceId, name, type }: RoutedQueue, { deploymentName, buildId }: WorkerDeploymentVersion): boolean {
    const deployment = this.find(namespaceId, deploymentName);
    return deployment !== undefined && servesQueue(deployment, buildId, { name, type });
  }

  #set(deployment: DeploymentRecord): void {
    const { namespaceId, name } = deployment;
    const before = this.find(namespaceId, name);
    if (before === undefined && this.list(namespaceId).length >= DEPLOYMENTS_MAX)
      throw limitReached(`reached maximum deployments in namespace (${DEPLOYMENTS_MAX})`);
    this.#remember(deployment);
    // Who waits for this write hears of its failure; after one, every later call of the store fails as well.
    this.#write(deployment, false).catch(() => {});
    for (const queue of queuesOf(deployment)) this.#onRouted({ namespaceId, ...queue });
  }

  #remember(deployment: DeploymentRecord): void {
    const { namespaceId, name } = deployment;
    const known = this.list(namespaceId);
    const replaced = known.map((before) => (before.name === name ? deployment : before));
    this.#byNamespace.set(namespaceId, this.find(namespaceId, name) === undefined ? [...known, deployment] : replaced);
  }

  #write(deployment: DeploymentRecord, removed: boolean): Promise<void> {
    this.#lastWrite = this.#store.commit({ runs: [], blobs: [deploymentWrite(deployment, removed)] });
    return this.#lastWrite;
  }
}

function queuesOf({ versions }: DeploymentRecord): readonly VersionQueue[] {
  const queues = new Map<string, VersionQueue>();
  for (const version of versions)
    for (const { name, type } of version.queues) queues.set(`${type}/${name}`, { name, type });
  return [...queues.values()];
}

function limitReached(message: string): Error {
  return resourceExhausted(message, ResourceExhaustedCause.WORKER_DEPLOYMENT_LIMITS, ResourceExhaustedScope.NAMESPACE);
}
