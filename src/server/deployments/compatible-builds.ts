import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { VersioningBehavior } from "../../proto/gen/enums.ts";
import type { Store } from "../store/store.ts";
import type { RoutedQueue } from "./deployments.ts";
import { redirectedBuild } from "./redirects.ts";
import { assignedBuild, NO_RULES, type VersionRules } from "./version-rules.ts";
import { setOf, type VersionSets } from "./version-sets.ts";

const SETS_BLOB = "version-sets";
const RULES_BLOB = "version-rules";

/** Names a task queue whatever the type of its tasks. */
interface QueueName {
  readonly namespaceId: string;
  readonly name: string;
}

/** Workers of a build, or of those compatible with it, without a deployment. */
interface BuildPlace extends WorkerDeploymentVersion {
  /** The build is not the one that the workflow was on. */
  readonly isRedirected?: true;
}

/**
 * Which builds of workers do a task queue's work: versioning as it was before there were deployments.
 *
 * At first there were sets of builds that can do each other's work, then rules.
 */
export class CompatibleBuilds {
  readonly #store: Store;
  readonly #onChanged: (queue: QueueName) => void;
  readonly #sets = new Map<string, VersionSets>();
  readonly #rules = new Map<string, VersionRules>();

  /** Pollers of a queue are to come anew, and what waits there is to be offered anew, when `onChanged` names it. */
  constructor(store: Store, onChanged: (queue: QueueName) => void) {
    this.#store = store;
    this.#onChanged = onChanged;
    for (const { id, value } of store.blobs(SETS_BLOB)) this.#sets.set(id, decode(value) as VersionSets);
    for (const { id, value } of store.blobs(RULES_BLOB)) this.#rules.set(id, decode(value) as VersionRules);
  }

  /** The sets of a queue; none for a queue without versions. */
  find({ namespaceId, name }: QueueName): VersionSets {
    return this.#sets.get(`${namespaceId}/${name}`) ?? [];
  }

  /** The rules of a queue. */
  rulesOf({ namespaceId, name }: QueueName): VersionRules {
    return this.#rules.get(`${namespaceId}/${name}`) ?? NO_RULES;
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
    await this.#write(SETS_BLOB, id, sets);
  }

  /** Puts a queue's rules in place of those before. Resolves when that is durable. */
  async putRules(queue: QueueName, rules: VersionRules): Promise<void> {
    const id = `${queue.namespaceId}/${queue.name}`;
    this.#rules.set(id, rules);
    this.#onChanged(queue);
    await this.#write(RULES_BLOB, id, rules);
  }

  async #write(kind: string, id: string, value: VersionSets | VersionRules): Promise<void> {
    await this.#store.commit({ runs: [], blobs: [{ kind, id, value: Buffer.from(JSON.stringify(value)) }] });
  }

  /** Where workers of a build wait for tasks: with those of their set. */
  waitingPlace(queue: QueueName, buildId: string): WorkerDeploymentVersion {
    return toPlace(setOf(this.find(queue), buildId)?.id ?? buildId);
  }

  /**
   * Where a task goes: a new workflow's to the build that a rule assigns it or to the default set, later ones to the build
   * or the set that the workflow is on, or to whatever build takes over its work.
   */
  route(queue: RoutedQueue, directive: VersionDirective): BuildPlace | undefined {
    if (directive.behavior !== VersioningBehavior.UNSPECIFIED) return undefined;
    const sets = this.find(queue);
    const rules = this.rulesOf(queue);
    if (sets.length === 0 && rules === NO_RULES) return undefined;
    const isAssigned = directive.isIndependent === true || (directive.isNew && directive.buildId === "");
    const buildId = isAssigned ? assignedBuild(rules, directive.runId) : directive.buildId;
    const set = setOf(sets, buildId) ?? (buildId === "" ? (isAssigned ? sets.at(-1) : undefined) : ruled(sets, rules));
    if (set !== undefined) return toPlace(set.id);
    const target = redirectedBuild(rules.redirects, buildId);
    if (target === "") return undefined;
    return target === directive.buildId || isAssigned ? toPlace(target) : { ...toPlace(target), isRedirected: true };
  }
}

/** Of a build that no set has: without rules its work goes to the default set. */
function ruled(sets: VersionSets, rules: VersionRules): VersionSets[number] | undefined {
  return rules === NO_RULES ? sets.at(-1) : undefined;
}

/** No deployment has an empty name. */
function toPlace(buildId: string): BuildPlace {
  return { deploymentName: "", buildId };
}

function decode(value: Uint8Array): unknown {
  return JSON.parse(Buffer.from(value).toString("utf8"));
}
