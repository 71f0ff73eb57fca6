import type { VersioningBehavior } from "../core/options/versioning.ts";
import type { CallSchemas, SchemaOutput, SchemaOutputs, StandardSchema } from "../payload/schema.ts";
import { defineClass } from "./class-scan.ts";
import { WorkflowDefinitionError } from "./definition-error.ts";
import { captureSource } from "./definition-source.ts";
import type { DynamicWorkflowConfig, FailureType } from "./definition.ts";
import { type HandlerUnfinishedPolicy, markMethod, markOf, type MethodMark } from "./marks.ts";
import type { AnyFunction, ClassOf, HandlerArgs, Instance, UpdateName, WorkflowArgs } from "./types.ts";

/** What {@link defn} may be told. */
export interface WorkflowOptions {
  /** The workflow's type on the wire. @default the class's name */
  readonly name?: string;
  /** Called for every type that no other workflow has, with an array of `RawValue`s. @default false */
  readonly dynamic?: boolean;
  /** Whether it runs in the sandbox. @default true */
  readonly sandboxed?: boolean;
  /** Errors that fail the workflow, or the update that threw them, instead of the workflow task. @default none */
  readonly failureExceptionTypes?: readonly FailureType[];
  /** @default as the worker says */
  readonly versioningBehavior?: VersioningBehavior;
}

/** What a handler's decorator may be told. */
export interface QueryOptions {
  /** On the wire. @default the method's name */
  readonly name?: string;
  /** Called for every name that no other handler has, with the name and an array of `RawValue`s. @default false */
  readonly dynamic?: boolean;
  /** Shown by the CLI and the web UI. */
  readonly description?: string;
}

/** What the decorator of a handler that may take a while may be told. */
export interface HandlerOptions extends QueryOptions {
  /** @default "warnAndAbandon" */
  readonly unfinishedPolicy?: HandlerUnfinishedPolicy;
}

/** Schemas of what a method takes and answers; they also type the method. */
export interface SchemaOptions<A extends readonly StandardSchema[], R extends StandardSchema> {
  /** Of the arguments, in their order. They must answer at once. @default none */
  readonly args?: A;
  /** Of the result, for callers that know the class. @default none */
  readonly result?: R;
}

/** Decorates methods that take what schemas read and answer what a schema reads. */
type SchemaDecorator<A extends readonly StandardSchema[], R> = <This>(
  method: (this: This, ...args: SchemaOutputs<A>) => R,
  context: ClassMethodDecoratorContext<This>,
) => void;

type HandlerDecorator<R> = <This, A extends unknown[]>(
  method: (this: This, ...args: A) => R,
  context: ClassMethodDecoratorContext<This>,
) => void;

/**
 * Makes a class a workflow.
 *
 * @throws {WorkflowDefinitionError} If the class cannot be one, with all the reasons.
 */
export function defn(
  options: WorkflowOptions = {},
): <C extends ClassOf<Instance>>(target: C, context: ClassDecoratorContext<C>) => void {
  // Plain JavaScript, and compilers that check no types, let the call be forgotten.
  if (typeof options === "function") {
    throw new WorkflowDefinitionError(
      `Cannot define workflow "${(options as AnyFunction).name}": @workflow.defn stands there without being called, write @workflow.defn()`,
    );
  }
  const source = captureSource(defn);
  return (target) => defineClass(target, toFacts(options, source));
}

/** Marks the method that is the workflow: asynchronous, named `run`, and on the class itself. */
export function run<This, A extends unknown[], R>(
  method: (this: This, ...args: A) => Promise<R>,
  context: ClassMethodDecoratorContext<This> & { readonly name: "run" },
): void;
/** The same with schemas, which read and check the arguments, and the result for callers. */
export function run<const A extends readonly StandardSchema[], R extends StandardSchema>(
  options: SchemaOptions<A, R>,
): SchemaDecorator<A, Promise<SchemaOutput<R>>>;
export function run(target: AnyFunction | CallSchemas, context?: ClassMethodDecoratorContext): unknown {
  if (typeof target === "function") return markRun(target, context, undefined);
  const schemas = toSchemas(target);
  return (method: AnyFunction, decorated: ClassMethodDecoratorContext) => markRun(method, decorated, schemas);
}

function markRun(
  method: AnyFunction,
  context: ClassMethodDecoratorContext | undefined,
  schemas: CallSchemas | undefined,
): void {
  if (!isAsync(method) && !isLowered(method))
    throw new WorkflowDefinitionError(`Cannot mark method "${String(context?.name)}" as run: it is not async`);
  mark(method, context, { kind: "run", schemas });
}

/** Marks a method that gets the workflow's arguments before any handler is called. It must not wait. */
export function init<This extends Instance>(
  method: (this: This, ...args: WorkflowArgs<This>) => void,
  context: ClassMethodDecoratorContext<This>,
): void {
  if (isAsync(method))
    throw new WorkflowDefinitionError(
      `Cannot mark method "${String(context.name)}" as init: it is async, expected one that does not wait`,
    );
  mark(method, context, { kind: "init" });
}

/** Marks a method of a dynamic workflow that is asked for the workflow's settings when it starts. It must not wait. */
export function dynamicConfig<This>(
  method: (this: This) => DynamicWorkflowConfig,
  context: ClassMethodDecoratorContext<This>,
): void {
  if (isAsync(method))
    throw new WorkflowDefinitionError(
      `Cannot mark method "${String(context.name)}" as dynamicConfig: it is async, expected one that does not wait`,
    );
  mark(method, context, { kind: "dynamicConfig" });
}

/** Marks a method that takes a signal. What it returns is dropped. */
export function signal<This, A extends unknown[]>(
  method: (this: This, ...args: A) => void | Promise<void>,
  context: ClassMethodDecoratorContext<This>,
): void;
export function signal<const A extends readonly StandardSchema[]>(
  options: HandlerOptions & { readonly args: A },
): SchemaDecorator<A, void | Promise<void>>;
export function signal(options: HandlerOptions): HandlerDecorator<void | Promise<void>>;
export function signal(target: AnyFunction | HandlerOptions, context?: ClassMethodDecoratorContext): unknown {
  return decorate("signal", target, context);
}

/** Marks a method that answers a query. It must not wait or change anything. */
export function query<This, A extends unknown[], R>(
  method: (this: This, ...args: A) => R extends Promise<unknown> ? never : R,
  context: ClassMethodDecoratorContext<This>,
): void;
export function query<const A extends readonly StandardSchema[], R extends StandardSchema>(
  options: QueryOptions & SchemaOptions<A, R> & { readonly args: A },
): SchemaDecorator<A, SchemaOutput<R>>;
export function query<R extends StandardSchema>(
  options: QueryOptions & { readonly result: R },
): HandlerDecorator<SchemaOutput<R>>;
export function query(options: QueryOptions): HandlerDecorator<unknown>;
export function query(target: AnyFunction | QueryOptions, context?: ClassMethodDecoratorContext): unknown {
  return decorate("query", target, context);
}

/** Marks a method that takes an update and answers it. */
export function update<This, A extends unknown[], R>(
  method: (this: This, ...args: A) => R,
  context: ClassMethodDecoratorContext<This>,
): void;
export function update<const A extends readonly StandardSchema[], R extends StandardSchema>(
  options: HandlerOptions & SchemaOptions<A, R> & { readonly args: A },
): SchemaDecorator<A, SchemaOutput<R> | Promise<SchemaOutput<R>>>;
export function update<R extends StandardSchema>(
  options: HandlerOptions & { readonly result: R },
): HandlerDecorator<SchemaOutput<R> | Promise<SchemaOutput<R>>>;
export function update(options: HandlerOptions): HandlerDecorator<unknown>;
export function update(target: AnyFunction | HandlerOptions, context?: ClassMethodDecoratorContext): unknown {
  return decorate("update", target, context);
}

/** Marks the validator of the update named; it must take the same arguments, return nothing and change nothing. What it throws refuses the update. */
export function validator<I, K extends UpdateName<I>>(
  updateName: K,
): <This extends I>(
  method: (this: This, ...args: HandlerArgs<I, K>) => void,
  context: ClassMethodDecoratorContext<This>,
) => void {
  return (method, context) => {
    if (isAsync(method))
      throw new WorkflowDefinitionError(
        `Cannot mark method "${String(context.name)}" as validator: it is async, expected one that does not wait`,
      );
    mark(method, context, { kind: "validator", update: updateName });
  };
}

function decorate(
  kind: "signal" | "query" | "update",
  target: AnyFunction | HandlerOptions,
  context: ClassMethodDecoratorContext | undefined,
): unknown {
  if (typeof target === "function") {
    mark(target, context, toHandlerMark(kind, {}));
    return undefined;
  }
  return (method: AnyFunction, decorated: ClassMethodDecoratorContext) =>
    mark(method, decorated, toHandlerMark(kind, target));
}

/** The mark of a handler, defaults filled in. */
export function toHandlerMark(kind: "signal" | "query" | "update", options: HandlerOptions & CallSchemas): MethodMark {
  return {
    schemas: toSchemas(options),
    kind,
    name: options.name,
    dynamic: options.dynamic ?? false,
    description: options.description,
    unfinishedPolicy: options.unfinishedPolicy ?? "warnAndAbandon",
  };
}

function toSchemas({ args, result }: CallSchemas): CallSchemas | undefined {
  return args === undefined && result === undefined ? undefined : { args, result };
}

/** The options of a class, defaults filled in. */
export function toFacts(options: WorkflowOptions, source: () => string | undefined): Parameters<typeof defineClass>[1] {
  return {
    name: options.name,
    dynamic: options.dynamic ?? false,
    sandboxed: options.sandboxed ?? true,
    failureExceptionTypes: options.failureExceptionTypes ?? [],
    versioningBehavior: options.versioningBehavior ?? "unspecified",
    source,
  };
}

function mark(
  method: AnyFunction,
  context: ClassMethodDecoratorContext<never> | undefined,
  methodMark: MethodMark,
): void {
  const name = String(context?.name ?? method.name);
  if (context?.kind !== "method" || context.private) {
    throw new WorkflowDefinitionError(
      `Cannot mark "${name}" as ${methodMark.kind}: expected a public method, decorated by the standard's decorators (experimentalDecorators off)`,
    );
  }
  if (context.static)
    throw new WorkflowDefinitionError(
      `Cannot mark static method "${name}" as ${methodMark.kind}: expected a method of the class's objects`,
    );
  if (markOf(method)?.kind === methodMark.kind)
    throw new WorkflowDefinitionError(`Cannot mark method "${name}" as ${methodMark.kind}: it is decorated twice`);
  markMethod(method, name, methodMark);
}

/** Whether a method is async as the engine sees it, in any realm. */
export function isAsync(method: AnyFunction): boolean {
  return Object.prototype.toString.call(method) === "[object AsyncFunction]";
}

/** Whether a compiler has made a plain function of what was async, by the name of what it calls then. */
export function isLowered(method: AnyFunction): boolean {
  return /__awaiter|__async|_asyncToGenerator|async_to_generator/.test(Function.prototype.toString.call(method));
}
