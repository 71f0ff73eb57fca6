import { failedPrecondition, invalidArgument, notFound } from "../failures.ts";

/** Builds that can do each other's work: the last one gets the tasks. */
export interface VersionSet {
  /** The build it began with, which names it for good. */
  readonly id: string;
  readonly buildIds: readonly string[];
}

/** The sets of a task queue; new workflows go to the last one. */
export type VersionSets = readonly VersionSet[];

/** The set with a build in it. */
export function setOf(sets: VersionSets, buildId: string): VersionSet | undefined {
  return sets.find(({ buildIds }) => buildIds.includes(buildId));
}

/** A build that is compatible with no other, and from now on the one for new workflows. */
export function addDefault(sets: VersionSets, buildId: string): VersionSets {
  const known = setOf(sets, buildId);
  if (known === undefined) return [...sets, { id: buildId, buildIds: [buildId] }];
  if (known === sets.at(-1) && known.buildIds.length === 1) return sets;
  throw invalidArgument(`version ${buildId} already exists`);
}

/** A build that can do the work of another. */
export function addCompatible(
  sets: VersionSets,
  buildId: string,
  compatibleWith: string,
  makesDefault: boolean,
): VersionSets {
  const target = setOf(sets, compatibleWith);
  if (target === undefined) throw notFound(`targeted compatible_version ${compatibleWith} not found`);
  const known = setOf(sets, buildId);
  if (known !== undefined && known !== target)
    throw failedPrecondition(`version ${buildId} already exists and is not compatible with ${compatibleWith}`);
  const grown = { ...target, buildIds: [...target.buildIds.filter((id) => id !== buildId), buildId] };
  const changed = replace(sets, target, grown);
  return makesDefault ? toLast(changed, grown) : changed;
}

/** Makes the set with a build in it the one for new workflows. */
export function promoteSet(sets: VersionSets, buildId: string): VersionSets {
  return toLast(sets, requireSet(sets, buildId));
}

/** Makes a build the one of its set that gets the tasks. */
export function promoteBuild(sets: VersionSets, buildId: string): VersionSets {
  const target = requireSet(sets, buildId);
  return replace(sets, target, {
    ...target,
    buildIds: [...target.buildIds.filter((id) => id !== buildId), buildId],
  });
}

/** Makes one set of two; the build that gets the tasks is the first one's. */
export function mergeSets(sets: VersionSets, primaryBuildId: string, secondaryBuildId: string): VersionSets {
  const primary = requireSet(sets, primaryBuildId);
  const secondary = requireSet(sets, secondaryBuildId);
  if (primary === secondary) return sets;
  const last = primary.buildIds.slice(-1);
  const merged = { ...primary, buildIds: [...primary.buildIds.slice(0, -1), ...secondary.buildIds, ...last] };
  const left = replace(
    sets.filter((set) => set !== secondary),
    primary,
    merged,
  );
  return secondary === sets.at(-1) ? toLast(left, merged) : left;
}

function requireSet(sets: VersionSets, buildId: string): VersionSet {
  const found = setOf(sets, buildId);
  if (found === undefined) throw notFound(`targeted version ${buildId} not found`);
  return found;
}

function replace(sets: VersionSets, before: VersionSet, after: VersionSet): VersionSets {
  return sets.map((set) => (set === before ? after : set));
}

function toLast(sets: VersionSets, set: VersionSet): VersionSets {
  return [...sets.filter((other) => other !== set), set];
}
