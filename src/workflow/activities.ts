import type {
  ActivityHandle,
  ActivityOptions,
  CommonActivityOptions,
  LocalActivityOptions,
  StartActivityInput,
  StartLocalActivityInput,
} from "./activity-options.ts";
import { factsOf } from "../payload/activity-contract.ts";
import type { SchemaOutput, StandardSchema } from "../payload/schema.ts";
import { callThrough } from "./interceptors.ts";
import { inGroups } from "./event-groups.ts";
import { scheduleActivity, scheduleLocalActivity } from "./runtime/activity-call.ts";
import { writableFrame } from "./runtime/current.ts";
import type { ActivityCalls, WithArgs } from "./types.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** For a call by name, whose arguments nobody checks. */
interface AnyArgs {
  readonly args?: readonly unknown[];
}

type CallArgs = { readonly args?: readonly unknown[] };

/**
 * Runs an activity and waits for its result.
 *
 * @param activity The activity's function, of which only the name is used, or its name.
 * @throws {ActivityError} If it does not succeed.
 */
export function executeActivity<A extends unknown[], R>(
  activity: (...args: A) => R,
  options: ActivityOptions & WithArgs<A>,
): Promise<Awaited<R>>;
export function executeActivity<S extends StandardSchema>(
  activity: string,
  options: ActivityOptions & AnyArgs & { readonly resultSchema: S },
): Promise<SchemaOutput<S>>;
export function executeActivity<R = unknown>(activity: string, options: ActivityOptions & AnyArgs): Promise<R>;
export function executeActivity(activity: unknown, options: ActivityOptions & CallArgs): Promise<unknown> {
  return start(activity, options);
}

/** Starts an activity. Answers with a promise of its result that can also cancel it. */
export function startActivity<A extends unknown[], R>(
  activity: (...args: A) => R,
  options: ActivityOptions & WithArgs<A>,
): ActivityHandle<Awaited<R>>;
export function startActivity<S extends StandardSchema>(
  activity: string,
  options: ActivityOptions & AnyArgs & { readonly resultSchema: S },
): ActivityHandle<SchemaOutput<S>>;
export function startActivity<R = unknown>(activity: string, options: ActivityOptions & AnyArgs): ActivityHandle<R>;
export function startActivity(activity: unknown, options: ActivityOptions & CallArgs): ActivityHandle<unknown> {
  return start(activity, options);
}

/** Runs a local activity and waits for its result: as {@link executeActivity}, in this very worker. */
export function executeLocalActivity<A extends unknown[], R>(
  activity: (...args: A) => R,
  options: LocalActivityOptions & WithArgs<A>,
): Promise<Awaited<R>>;
export function executeLocalActivity<S extends StandardSchema>(
  activity: string,
  options: LocalActivityOptions & AnyArgs & { readonly resultSchema: S },
): Promise<SchemaOutput<S>>;
export function executeLocalActivity<R = unknown>(
  activity: string,
  options: LocalActivityOptions & AnyArgs,
): Promise<R>;
export function executeLocalActivity(activity: unknown, options: LocalActivityOptions & CallArgs): Promise<unknown> {
  return startLocal(activity, options);
}

/** Starts a local activity: as {@link startActivity}, in this very worker. */
export function startLocalActivity<A extends unknown[], R>(
  activity: (...args: A) => R,
  options: LocalActivityOptions & WithArgs<A>,
): ActivityHandle<Awaited<R>>;
export function startLocalActivity<S extends StandardSchema>(
  activity: string,
  options: LocalActivityOptions & AnyArgs & { readonly resultSchema: S },
): ActivityHandle<SchemaOutput<S>>;
export function startLocalActivity<R = unknown>(
  activity: string,
  options: LocalActivityOptions & AnyArgs,
): ActivityHandle<R>;
export function startLocalActivity(
  activity: unknown,
  options: LocalActivityOptions & CallArgs,
): ActivityHandle<unknown> {
  return startLocal(activity, options);
}

/** Typed calls of activities known by their types only: `activities<typeof impl>({ startToCloseTimeout: "1m" }).charge(order)`. */
export function activities<T>(options: ActivityOptions): ActivityCalls<T> {
  return callsByName((name, args) => start(name, { ...options, args })) as ActivityCalls<T>;
}

/** As {@link activities}, for local activities. */
export function localActivities<T>(options: LocalActivityOptions): ActivityCalls<T> {
  return callsByName((name, args) => startLocal(name, { ...options, args })) as ActivityCalls<T>;
}

function start(activity: unknown, { args, ...options }: ActivityOptions & CallArgs): ActivityHandle<unknown> {
  const { run } = writableFrame("start an activity");
  const input: StartActivityInput = {
    activity: nameOf(activity),
    args: args ?? [],
    options: withResultSchema(activity, options),
    headers: {},
  };
  return callThrough(run.outbound, "startActivity", input, (current) =>
    inGroups(current.options.eventGroups, () => scheduleActivity(current)),
  );
}

function startLocal(activity: unknown, { args, ...options }: LocalActivityOptions & CallArgs): ActivityHandle<unknown> {
  const { run } = writableFrame("start a local activity");
  const input: StartLocalActivityInput = {
    activity: nameOf(activity),
    args: args ?? [],
    options: withResultSchema(activity, options),
    headers: {},
  };
  return callThrough(run.outbound, "startLocalActivity", input, (current) =>
    inGroups(current.options.eventGroups, () => scheduleLocalActivity(current)),
  );
}

function withResultSchema<O extends CommonActivityOptions>(activity: unknown, options: O): O {
  const resultSchema = typeof activity === "function" ? factsOf(activity)?.schemas?.result : undefined;
  return resultSchema === undefined ? options : { resultSchema, ...options };
}

function nameOf(activity: unknown): string {
  if (typeof activity === "string" && activity !== "") return activity;
  if (typeof activity !== "function")
    throw new WorkflowUsageError(`Cannot start an activity: found ${typeof activity} in place of its function or name`);
  const definition = factsOf(activity);
  if (definition !== undefined && definition.name === undefined) {
    throw new WorkflowUsageError(
      `Cannot start activity "${activity.name}": it is dynamic, give the name of the activity to run`,
    );
  }
  const name = definition?.name ?? activity.name;
  if (name === "")
    throw new WorkflowUsageError("Cannot start an activity: its function has no name, give the name instead");
  return name;
}

function callsByName(call: (name: string, args: readonly unknown[]) => ActivityHandle<unknown>): object {
  return new Proxy(
    {},
    {
      get(_target, name) {
        // Awaiting the calls themselves, by mistake or by a library, must not run an activity "then".
        if (typeof name !== "string" || name === "then") return undefined;
        return (...args: readonly unknown[]) => call(name, args);
      },
    },
  );
}
