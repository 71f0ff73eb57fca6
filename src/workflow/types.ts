/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** An object of a workflow class. */
export interface Instance {
  run(...args: never[]): Promise<unknown>;
}

/** A class of workflows. */
export type ClassOf<I extends Instance> = abstract new (...args: never[]) => I;

/** Arguments of a workflow, taken from its class. */
export type WorkflowArgs<I> = I extends { run(...args: infer A): Promise<unknown> } ? A : never;

/** Result of a workflow, taken from its class. */
export type WorkflowResult<I> = I extends { run(...args: never[]): Promise<infer R> } ? R : never;

type HandlerName<I, R> = { [K in keyof I]: I[K] extends (...args: never[]) => R ? K : never }[keyof I] & string;

/**
 * Names of a class's methods that may be updates: all but `run`.
 *
 * Decorators cannot brand a method's type, so kinds are told by shape: a signal returns nothing, a query no promise, an
 * update anything. What shape cannot tell, the class's definition catches at run time.
 */
export type UpdateName<I> = Exclude<HandlerName<I, unknown>, "run">;

/** Names of a class's methods that may be signals: those that return nothing. */
export type SignalName<I> = Exclude<HandlerName<I, void | Promise<void>>, "run">;

/** Names of a class's methods that may be queries: those that return no promise. */
export type QueryName<I> = Exclude<UpdateName<I>, HandlerName<I, Promise<unknown>>>;

/** Arguments of a handler, taken from its method. */
export type HandlerArgs<I, K extends keyof I> = I[K] extends (...args: infer A) => unknown ? A : never;

/** Result of a handler, taken from its method. */
export type HandlerResult<I, K extends keyof I> = I[K] extends (...args: never[]) => infer R ? Awaited<R> : never;

/** `args` may be left out only where there are none. */
export type WithArgs<A extends readonly unknown[]> = A extends readonly []
  ? { readonly args?: A }
  : { readonly args: A };

/** Options of a call with its arguments; all of it may be left out where there are none. */
export type OptionsWithArgs<Options, A extends readonly unknown[]> = A extends readonly []
  ? [options?: Options & WithArgs<A>]
  : [options: Options & WithArgs<A>];

/** Functions of a module or methods of a class as a workflow calls them: each answers with a promise. */
export type ActivityCalls<T> = {
  readonly [K in keyof T as T[K] extends AnyFunction ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};
