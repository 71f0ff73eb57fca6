import { definitionOf, type ActivityFunction } from "../../activity/index.ts";
import type { CallSchemas } from "../../payload/schema.ts";
import { PlacedActivities } from "../placed/placement.ts";
import { OptionsError } from "../worker-error.ts";

/** A function, an object of functions, or an instance whose methods are activities. */
export type ActivitySource = ActivityFunction | object;

/** A function ready to be called as an activity. */
export type BoundActivity = (...args: unknown[]) => unknown;

/** An activity by its type. */
export interface RegisteredActivity {
  /** Where it runs, and the name under which its module exports it; absent if it runs on the worker's own thread. */
  readonly placed?: { readonly activities: PlacedActivities; readonly exportName: string } | undefined;
  readonly run: BoundActivity;
  /** It takes one array of raw values in place of arguments. */
  readonly isDynamic: boolean;
  /** What its arguments are read with. */
  readonly schemas: CallSchemas | undefined;
}

/** The activities of a worker. */
export interface ActivityRegistry {
  /** Types in alphabetical order. */
  readonly names: readonly string[];
  readonly isEmpty: boolean;
  /** Whether one takes every type that no other has. */
  readonly hasDynamic: boolean;
  /** Those that do not run on the worker's own thread. */
  readonly placed: readonly PlacedActivities[];
  find(activityType: string): RegisteredActivity | undefined;
}

interface Candidate {
  /** Where it was found, for errors. */
  readonly place: string;
  readonly fn: unknown;
  readonly owner: object | undefined;
  readonly key: string;
  readonly placed?: PlacedActivities | undefined;
}

/**
 * Collects activities by name.
 *
 * A function goes by what `activity.defn` named it, else by its key in an object, else by its own name. Of an instance
 * whose class marks some methods with `activity.defn`, only those are taken.
 *
 * @throws {OptionsError} With all faults found: values that are no functions, classes, names missing or used twice.
 */
export function createActivityRegistry(sources: ActivitySource | readonly ActivitySource[]): ActivityRegistry {
  const list: readonly ActivitySource[] = Array.isArray(sources) ? sources : [sources];
  const faults: string[] = [];
  const byName = new Map<string, RegisteredActivity>();
  let dynamic: RegisteredActivity | undefined;
  for (const candidate of list.flatMap(candidatesOf)) {
    const fault = faultOf(candidate);
    if (fault !== undefined) {
      faults.push(fault);
      continue;
    }
    const fn = candidate.fn as BoundActivity;
    const run = candidate.owner === undefined ? fn : fn.bind(candidate.owner);
    const name = nameOf(candidate);
    const schemas = definitionOf(fn)?.schemas;
    const placed = candidate.placed && { activities: candidate.placed, exportName: candidate.key };
    if (placed !== undefined && name === undefined) {
      faults.push(`${candidate.place} is dynamic, which must run on the worker's own thread`);
    }
    if (name === undefined) {
      if (dynamic !== undefined) faults.push(`${candidate.place} is a second dynamic activity`);
      dynamic = { run, isDynamic: true, schemas: undefined };
    } else if (name === "") faults.push(`${candidate.place} has no name, give one with "activity.defn"`);
    else if (byName.has(name)) faults.push(`${candidate.place} is a second activity named "${name}"`);
    else byName.set(name, { run, isDynamic: false, schemas, placed });
  }
  if (faults.length > 0) throw new OptionsError(`Cannot register activities: ${faults.join("; ")}`);
  return {
    names: [...byName.keys()].toSorted(),
    placed: list.filter((source) => source instanceof PlacedActivities),
    isEmpty: byName.size === 0 && dynamic === undefined,
    hasDynamic: dynamic !== undefined,
    find: (activityType) => byName.get(activityType) ?? dynamic,
  };
}

function candidatesOf(source: ActivitySource, index: number): Candidate[] {
  const place = `activities[${index}]`;
  if (source instanceof PlacedActivities) {
    return candidatesOf(source.activities, index)
      .filter(({ fn }) => typeof fn === "function")
      .map((candidate) => ({ ...candidate, placed: source }));
  }
  if (typeof source !== "object" || source === null) {
    return [{ place, fn: source, owner: undefined, key: "" }];
  }
  const found: Candidate[] = [];
  for (const key of keysOf(source)) {
    found.push({ place: `"${key}"`, fn: (source as Record<string, unknown>)[key], owner: source, key });
  }
  if (isPlain(source)) return found;
  // A module exports other things too; what is no function cannot be meant.
  const methods = found.filter(({ fn }) => typeof fn === "function" && !isClass(fn));
  if (isModule(source)) return methods;
  const marked = methods.filter(({ fn }) => definitionOf(fn as ActivityFunction) !== undefined);
  return marked.length > 0 ? marked : methods;
}

// Methods live on the prototypes of an instance; the nearest of a name counts.
function keysOf(source: object): readonly string[] {
  const keys = new Set(Object.keys(source));
  for (
    let prototype: unknown = Object.getPrototypeOf(source);
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const descriptors = Object.getOwnPropertyDescriptors(prototype as object);
    for (const [key, { value }] of Object.entries(descriptors)) {
      if (key !== "constructor" && typeof value === "function") keys.add(key);
    }
  }
  return [...keys];
}

function isPlain(source: object): boolean {
  return Object.getPrototypeOf(source) === Object.prototype;
}

// A module's namespace object has no prototype.
function isModule(source: object): boolean {
  return Object.getPrototypeOf(source) === null;
}

function isClass(fn: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn));
}

function faultOf({ place, fn }: Candidate): string | undefined {
  if (typeof fn !== "function")
    return `${place} is ${fn === null ? "null" : `a value of type ${typeof fn}`}, expected a function`;
  if (isClass(fn)) {
    return `${place} is class "${fn.name}", expected an instance of it`;
  }
  return undefined;
}

function nameOf({ fn, key }: Candidate): string | undefined {
  const definition = definitionOf(fn as ActivityFunction);
  if (definition !== undefined) return definition.name;
  return key === "" ? (fn as BoundActivity).name : key;
}
