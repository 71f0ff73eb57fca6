import type { VersioningBehavior } from "../core/options/versioning.ts";
import type { CallSchemas } from "../payload/schema.ts";
import { WorkflowDefinitionError } from "./definition-error.ts";
import type { HandlerUnfinishedPolicy } from "./marks.ts";
import type { ClassOf, Instance } from "./types.ts";

/** An error class, or its name. */
export type FailureType = string | (abstract new (...args: never[]) => Error);

/** One signal, query or update of a workflow class. */
export interface HandlerDefinition {
  /** On the wire; undefined for a dynamic handler, which gets what no other has. */
  readonly name: string | undefined;
  readonly methodName: string;
  readonly description: string | undefined;
  readonly unfinishedPolicy: HandlerUnfinishedPolicy;
  /** Of an update: the method that may refuse it. */
  readonly validatorName: string | undefined;
  readonly schemas: CallSchemas | undefined;
}

/** Handlers of one kind. */
export interface HandlerDefinitions {
  /** By name on the wire. */
  readonly named: ReadonlyMap<string, HandlerDefinition>;
  readonly dynamic: HandlerDefinition | undefined;
}

/** What is known of a workflow class. */
export interface WorkflowDefinition {
  /** The workflow's type on the wire; undefined for a dynamic workflow, which gets all types that no other has. */
  readonly name: string | undefined;
  readonly cls: ClassOf<Instance>;
  readonly signals: HandlerDefinitions;
  readonly queries: HandlerDefinitions;
  readonly updates: HandlerDefinitions;
  /** Of the run method. */
  readonly schemas: CallSchemas | undefined;
  /** Called with the arguments before any handler. */
  readonly initMethod: string | undefined;
  /** Of a dynamic workflow: asked for its settings when it starts. */
  readonly dynamicConfigMethod: string | undefined;
  readonly sandboxed: boolean;
  /** Errors that fail the workflow instead of its task. */
  readonly failureExceptionTypes: readonly FailureType[];
  readonly versioningBehavior: VersioningBehavior;
  /** Path or URL of the module that defines the class, as the engine tells it when asked; it does not tell inside a sandbox. */
  readonly source: () => string | undefined;
  /** What whoever registers the class should say to its author. */
  readonly warnings: readonly string[];
}

/** Settings that a dynamic workflow gives itself when it starts. */
export interface DynamicWorkflowConfig {
  readonly failureExceptionTypes?: readonly FailureType[];
  readonly versioningBehavior?: VersioningBehavior;
}

// A registered symbol, so that two copies of this package read each other's definitions.
const DEFINITION = Symbol.for("perdure.workflow.definition");

let observer: ((definition: WorkflowDefinition) => void) | undefined;

// Classes that nobody observed, by their name: those of a process that may become a worker.
const unobserved = new Map<string | undefined, WorkflowDefinition[]>();

/** All classes of a workflow type that were defined while nobody observed, in their order. */
export function definedAs(name: string | undefined): readonly WorkflowDefinition[] {
  return unobserved.get(name) ?? [];
}

/** Has `observe` told of every class that is defined from now on, whether its module exports it or not; `undefined` ends that. */
export function observeDefinitions(observe: ((definition: WorkflowDefinition) => void) | undefined): void {
  observer = observe;
}

/** Whether definitions are being observed: then their modules are evaluated for a run, and where they stand is known. */
export function isObserved(): boolean {
  return observer !== undefined;
}

/** Attaches a definition to its class. */
export function attachDefinition(definition: WorkflowDefinition): void {
  Object.defineProperty(definition.cls, DEFINITION, { value: definition });
  if (observer !== undefined) return observer(definition);
  const { name } = definition;
  const others = unobserved.get(name);
  if (others === undefined) unobserved.set(name, [definition]);
  else others.push(definition);
}

/** Whether a class itself, not only one that it extends, has a definition. */
export function hasDefinition(cls: unknown): boolean {
  return typeof cls === "function" && Object.hasOwn(cls, DEFINITION);
}

/**
 * What is known of a workflow class.
 *
 * @throws {WorkflowDefinitionError} If it has no definition of its own.
 */
export function definitionOf(cls: ClassOf<Instance>): WorkflowDefinition {
  if (hasDefinition(cls)) return (cls as unknown as { readonly [DEFINITION]: WorkflowDefinition })[DEFINITION];
  const name = typeof cls === "function" ? cls.name : typeof cls;
  throw new WorkflowDefinitionError(
    `Cannot use "${name}" as a workflow: it has no definition of its own, decorate the class with @workflow.defn() or call workflow.declare()`,
  );
}

/**
 * The name on the wire of a handler, from the name of its method.
 *
 * @throws {WorkflowDefinitionError} If the class has no such handler, or only a dynamic one under that name.
 */
export function wireNameOf(
  definition: WorkflowDefinition,
  kind: "signal" | "query" | "update",
  methodName: string,
): string {
  const { named, dynamic } =
    kind === "signal" ? definition.signals : kind === "query" ? definition.queries : definition.updates;
  for (const handler of named.values())
    if (handler.methodName === methodName && handler.name !== undefined) return handler.name;
  const className = definition.cls.name;
  if (dynamic?.methodName === methodName) {
    throw new WorkflowDefinitionError(
      `Cannot address ${kind} "${methodName}" of ${className}: it is dynamic, give the name of the ${kind} to send`,
    );
  }
  const known = [...named.values()].map((handler) => handler.methodName).join(", ");
  throw new WorkflowDefinitionError(
    `Cannot address ${kind} "${methodName}" of ${className}: its ${kind} methods are [${known}]`,
  );
}
