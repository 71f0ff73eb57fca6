import { WorkflowDefinitionError } from "./definition-error.ts";
import {
  attachDefinition,
  type FailureType,
  hasDefinition,
  type HandlerDefinition,
  type HandlerDefinitions,
} from "./definition.ts";
import type { CallSchemas } from "../payload/schema.ts";
import { markOf, type MethodMark } from "./marks.ts";
import type { ClassOf, Instance } from "./types.ts";
import type { VersioningBehavior } from "../core/options/versioning.ts";

/** Names with this prefix belong to the system. */
const RESERVED_PREFIX = "__temporal_";
const RESERVED_NAMES: ReadonlySet<string> = new Set(["__stack_trace", "__enhanced_stack_trace"]);
/** Shorter names are what minifiers leave of longer ones. */
const TYPE_NAME_LENGTH_MIN = 3;

/** What a definition takes from options instead of from the class's methods. */
export interface DefinitionFacts {
  readonly name: string | undefined;
  readonly dynamic: boolean;
  readonly sandboxed: boolean;
  readonly failureExceptionTypes: readonly FailureType[];
  readonly versioningBehavior: VersioningBehavior;
  readonly source: () => string | undefined;
}

// Every run has definitions of its own, and most classes lack some kind of handler.
const none: HandlerDefinitions["named"] = new Map();

type HandlerMark = Extract<MethodMark, { kind: "signal" | "query" | "update" }>;
type ValidatorMark = Extract<MethodMark, { kind: "validator" }>;

/** A method that is for something, and the class whose own it is. */
interface MarkedMethod {
  readonly methodName: string;
  readonly mark: MethodMark;
}

/**
 * Reads a class's marks into its definition.
 *
 * @throws {WorkflowDefinitionError} Naming everything that is wrong with it.
 */
export function defineClass(cls: ClassOf<Instance>, facts: DefinitionFacts): void {
  if (hasDefinition(cls))
    throw new WorkflowDefinitionError(`Cannot define workflow "${cls.name}": the class has a definition already`);
  const issues: string[] = [...staticIssues(cls)];
  const methods = collectMarks(cls, issues);
  const name = typeName(cls, facts, issues);
  const schemas = checkRun(cls, methods, issues);
  const initMethod = only(methods, "init", issues);
  const dynamicConfigMethod = only(methods, "dynamicConfig", issues);
  if (dynamicConfigMethod !== undefined && !facts.dynamic)
    issues.push(`method "${dynamicConfigMethod}" is a dynamic config, which only dynamic workflows have`);
  const validators = collectValidators(methods, issues);
  const signals = collectHandlers(methods, "signal", validators, issues);
  const queries = collectHandlers(methods, "query", validators, issues);
  const updates = collectHandlers(methods, "update", validators, issues);
  if (issues.length > 0)
    throw new WorkflowDefinitionError(`Cannot define workflow "${cls.name}": ${issues.join("; ")}`);
  const { sandboxed, failureExceptionTypes, versioningBehavior, source } = facts;
  const warnings = nameWarnings(name, facts);
  attachDefinition({
    name,
    cls,
    signals,
    queries,
    updates,
    schemas,
    initMethod,
    dynamicConfigMethod,
    sandboxed,
    failureExceptionTypes,
    versioningBehavior,
    warnings,
    source,
  });
}

function typeName(cls: ClassOf<Instance>, facts: DefinitionFacts, issues: string[]): string | undefined {
  if (facts.dynamic) {
    if (facts.name !== undefined) issues.push(`it is dynamic, so it must not have the name "${facts.name}"`);
    return undefined;
  }
  const name = facts.name ?? cls.name;
  if (name === "") issues.push(`it has no name, give one in "name"`);
  if (isReserved(name)) issues.push(`its name is reserved`);
  return name;
}

function nameWarnings(name: string | undefined, facts: DefinitionFacts): string[] {
  if (name === undefined || facts.name !== undefined || name.length >= TYPE_NAME_LENGTH_MIN) return [];
  return [
    `Workflow type "${name}" looks like a name that a minifier made: give the workflow a name of its own, or the next build may change its type`,
  ];
}

function* staticIssues(cls: ClassOf<Instance>): Iterable<string> {
  for (const key of Object.getOwnPropertyNames(cls)) {
    const mark = markOf(Object.getOwnPropertyDescriptor(cls, key)?.value);
    if (mark !== undefined) yield `static method "${key}" is marked as ${mark.kind}, expected a method of its objects`;
  }
}

/** Marked methods, nearest class first. An override must be for the same as what it overrides. */
function collectMarks(cls: ClassOf<Instance>, issues: string[]): MarkedMethod[] {
  const found = new Map<string, MarkedMethod | undefined>();
  for (
    let { prototype } = cls as { prototype: object | null };
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const key of Object.getOwnPropertyNames(prototype)) {
      if (key === "constructor") continue;
      const mark = markOf(Object.getOwnPropertyDescriptor(prototype, key)?.value);
      if (!found.has(key)) found.set(key, mark === undefined ? undefined : { methodName: key, mark });
      else if (mark !== undefined) checkOverride(key, mark, found.get(key)?.mark, issues);
    }
  }
  return [...found.values()].filter((method) => method !== undefined);
}

function checkOverride(key: string, base: MethodMark, override: MethodMark | undefined, issues: string[]): void {
  if (override?.kind === base.kind) return;
  issues.push(
    `method "${key}" overrides a ${base.kind} of a class it extends, expected the override to be marked as ${base.kind} too`,
  );
}

function checkRun(cls: ClassOf<Instance>, methods: readonly MarkedMethod[], issues: string[]): CallSchemas | undefined {
  const runs = methods.filter(({ mark }) => mark.kind === "run");
  if (runs.length === 0) issues.push(`it has no method marked as run`);
  for (const { methodName } of runs) {
    if (methodName !== "run") issues.push(`method "${methodName}" is marked as run, expected it to be named "run"`);
    else if (!Object.hasOwn(cls.prototype as object, "run"))
      issues.push(`its run method is inherited, expected it on the class itself`);
  }
  const mark = runs[0]?.mark;
  return mark?.kind === "run" ? mark.schemas : undefined;
}

function only(methods: readonly MarkedMethod[], kind: "init" | "dynamicConfig", issues: string[]): string | undefined {
  const names = methods.filter(({ mark }) => mark.kind === kind).map(({ methodName }) => methodName);
  if (names.length > 1) issues.push(`methods "${names.join('", "')}" are marked as ${kind}, expected one at most`);
  return names[0];
}

/** Names of validators by the method that they are for. */
function collectValidators(methods: readonly MarkedMethod[], issues: string[]): Map<string, string> {
  const validators = new Map<string, string>();
  for (const { methodName, mark } of methods) {
    if (mark.kind !== "validator") continue;
    const { update }: ValidatorMark = mark;
    const earlier = validators.get(update);
    const isUpdate = methods.some((method) => method.methodName === update && method.mark.kind === "update");
    if (!isUpdate) issues.push(`method "${methodName}" validates "${update}", which is no update of this class`);
    else if (earlier !== undefined)
      issues.push(`update "${update}" has two validators, "${earlier}" and "${methodName}"`);
    validators.set(update, methodName);
  }
  return validators;
}

function collectHandlers(
  methods: readonly MarkedMethod[],
  kind: HandlerMark["kind"],
  validators: ReadonlyMap<string, string>,
  issues: string[],
): HandlerDefinitions {
  const named = new Map<string, HandlerDefinition>();
  let dynamic: HandlerDefinition | undefined;
  for (const { methodName, mark } of methods) {
    if (mark.kind !== kind) continue;
    const { dynamic: isDynamic, description, unfinishedPolicy, schemas }: HandlerMark = mark;
    const name = isDynamic ? undefined : (mark.name ?? methodName);
    const validatorName = validators.get(methodName);
    const handler = { name, methodName, description, unfinishedPolicy, validatorName, schemas };
    if (isDynamic && schemas !== undefined)
      issues.push(`${kind} "${methodName}" is dynamic, so it takes raw values and must not have schemas`);
    if (isDynamic && mark.name !== undefined)
      issues.push(`${kind} "${methodName}" is dynamic, so it must not have the name "${mark.name}"`);
    const earlier = name === undefined ? dynamic : named.get(name);
    if (earlier !== undefined)
      issues.push(
        `methods "${earlier.methodName}" and "${methodName}" both handle ${name === undefined ? `the dynamic ${kind}` : `${kind} "${name}"`}`,
      );
    if (name === undefined) dynamic = handler;
    else {
      if (isReserved(name)) issues.push(`the name of ${kind} "${name}" is reserved`);
      named.set(name, handler);
    }
  }
  return { named: named.size === 0 ? none : named, dynamic };
}

function isReserved(name: string): boolean {
  return name.startsWith(RESERVED_PREFIX) || RESERVED_NAMES.has(name);
}
