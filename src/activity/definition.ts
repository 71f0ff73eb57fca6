import { TemporalError } from "../core/errors.ts";

/** Any function that may be an activity. */
export type ActivityFunction = (...args: never[]) => unknown;

/** What {@link defn} may be told. */
export interface ActivityDefinitionOptions {
  /** The activity's type on the wire. @default the function's name */
  readonly name?: string;
  /** Called for every type no other activity has, with an array of `RawValue`s. @default false */
  readonly dynamic?: boolean;
}

/** What is known of a function that {@link defn} has marked. */
export interface ActivityDefinition {
  /** Absent for the dynamic activity. */
  readonly name: string | undefined;
}

/** A function cannot be an activity as it is. */
export class ActivityDefinitionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ACTIVITY_DEFINITION";
  override readonly name = "ActivityDefinitionError";
}

// A registered symbol, so that two copies of this package read each other's marks.
const DEFINITION = Symbol.for("perdure.activity.definition");

type Decorator = <F extends ActivityFunction>(target: F, context?: ClassMethodDecoratorContext) => F;

/**
 * Names a function or method as an activity. It may decorate a method, or be called with a function.
 *
 * Any function can be an activity without it, under its own name.
 *
 * @throws {ActivityDefinitionError} If the function has no name and none is given, or a dynamic one is named.
 */
export function defn<F extends ActivityFunction>(target: F, context?: ClassMethodDecoratorContext): F;
export function defn(options: ActivityDefinitionOptions): Decorator;
export function defn(
  target: ActivityFunction | ActivityDefinitionOptions,
  context?: ClassMethodDecoratorContext,
): ActivityFunction | Decorator {
  if (typeof target === "function") return define(target, {}, context);
  const decorate: Decorator = (fn, decorated) => define(fn, target, decorated);
  return decorate;
}

/** What {@link defn} said of a function; `undefined` when it said nothing. */
export function definitionOf(fn: ActivityFunction): ActivityDefinition | undefined {
  return (fn as { [DEFINITION]?: ActivityDefinition })[DEFINITION];
}

function define<F extends ActivityFunction>(
  fn: F,
  options: ActivityDefinitionOptions,
  context: ClassMethodDecoratorContext | undefined,
): F {
  const definition: ActivityDefinition = { name: definedName(fn, options, context) };
  Object.defineProperty(fn, DEFINITION, { value: definition, configurable: true });
  return fn;
}

function definedName(
  fn: ActivityFunction,
  options: ActivityDefinitionOptions,
  context: ClassMethodDecoratorContext | undefined,
): string | undefined {
  if (options.dynamic === true) {
    if (options.name === undefined) return undefined;
    throw new ActivityDefinitionError(
      `Cannot define activity "${options.name}": it is dynamic, so it must have no name`,
    );
  }
  const ownName = typeof context?.name === "string" ? context.name : fn.name;
  const name = options.name ?? ownName;
  if (name === "") {
    throw new ActivityDefinitionError(`Cannot define an activity: the function has no name, give one in "name"`);
  }
  return name;
}
