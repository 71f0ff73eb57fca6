import type { CallSchemas, SchemaOutput, SchemaOutputs, StandardSchema } from "./schema.ts";

/** What {@link defineActivity} is told. */
export interface ActivityContractOptions<A extends readonly StandardSchema[], R extends StandardSchema> {
  /** The activity's type on the wire. */
  readonly name: string;
  readonly args: A;
  readonly result: R;
}

/**
 * An activity's name with the schemas of what it takes and answers: one definition for workflows, which call it, and for
 * workers, which implement it with `activity.implement`. It is no implementation: calling it throws.
 */
export type ActivityContract<A extends unknown[], R> = (...args: A) => Promise<R>;

/** What is known of an activity besides its function. */
export interface ActivityFacts {
  /** Absent for a dynamic activity. */
  readonly name: string | undefined;
  readonly schemas?: CallSchemas | undefined;
}

// A registered symbol, so that two copies of this package, and the sandbox, read each other's marks.
const DEFINITION = Symbol.for("perdure.activity.definition");

/** Defines an activity by its schemas, for a module that workflows and workers share. */
export function defineActivity<const A extends readonly StandardSchema[], R extends StandardSchema>(
  options: ActivityContractOptions<A, R>,
): ActivityContract<SchemaOutputs<A>, SchemaOutput<R>> {
  const { name, args, result } = options;
  const contract = (): Promise<SchemaOutput<R>> =>
    Promise.reject(
      new Error(`Cannot call activity "${name}": this is its contract, implement it with activity.implement()`),
    );
  attachFacts(contract, { name, schemas: { args, result } });
  return contract;
}

/** Says what a function is as an activity. */
export function attachFacts(fn: object, facts: ActivityFacts): void {
  Object.defineProperty(fn, DEFINITION, { value: facts, configurable: true });
}

/** What was said of a function as an activity, if anything was. */
export function factsOf(fn: unknown): ActivityFacts | undefined {
  return (fn as { readonly [DEFINITION]?: ActivityFacts })[DEFINITION];
}
