import type { HandlerArgs, HandlerResult, Instance, QueryName, SignalName, UpdateName } from "../workflow/types.ts";

declare const untyped: unique symbol;

/** Stands for a workflow of which only the id is known: its handlers have any names, by the wire, and any arguments. */
export interface UntypedWorkflow extends Instance {
  readonly [untyped]: true;
  run(...args: unknown[]): Promise<unknown>;
}

/** Names of signals that a handle takes: method names on a typed handle, wire names on an untyped one. */
export type SignalNameOn<I> = I extends UntypedWorkflow ? string : SignalName<I>;

/** Names of queries that a handle takes; see {@link SignalNameOn}. */
export type QueryNameOn<I> = I extends UntypedWorkflow ? string : QueryName<I>;

/** Names of updates that a handle takes; see {@link SignalNameOn}. */
export type UpdateNameOn<I> = I extends UntypedWorkflow ? string : UpdateName<I>;

/** Arguments of a handler that a handle calls. */
export type ArgsOn<I, K> = I extends UntypedWorkflow ? unknown[] : K extends keyof I ? HandlerArgs<I, K> : never;

/** What a handler that a handle calls answers. */
export type ResultOn<I, K> = I extends UntypedWorkflow ? unknown : K extends keyof I ? HandlerResult<I, K> : never;

/** `args` of an update that a handle starts. */
export type WithArgsOn<I, K> = I extends UntypedWorkflow
  ? { readonly args?: readonly unknown[] }
  : ArgsOn<I, K> extends readonly []
    ? { readonly args?: ArgsOn<I, K> }
    : { readonly args: ArgsOn<I, K> };
