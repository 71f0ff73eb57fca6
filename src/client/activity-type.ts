import { ClientUsageError } from "./client-error.ts";

// A registered symbol, which the activity layer marks functions with.
const ACTIVITY_DEFINITION = Symbol.for("perdure.activity.definition");

/** Any function that may be an activity. */
export type AnyActivity = (...args: never[]) => unknown;

/** The type that an activity goes by on the wire. @throws {ClientUsageError} If it has none. */
export function nameActivity(activity: string | AnyActivity): string {
  const given: unknown = activity;
  if (typeof given === "string" && given !== "") return given;
  if (typeof given !== "function") {
    throw new ClientUsageError(
      `Cannot start an activity: found ${given === "" ? "an empty text" : typeof given} in place of its function or name`,
    );
  }
  const { [ACTIVITY_DEFINITION]: definition } = given as {
    readonly [ACTIVITY_DEFINITION]?: { readonly name: string | undefined };
  };
  if (definition !== undefined && definition.name === undefined) {
    throw new ClientUsageError(
      `Cannot start activity "${given.name}": it is dynamic, give the name of the activity to run`,
    );
  }
  const name = definition?.name ?? given.name;
  if (name !== "") return name;
  throw new ClientUsageError("Cannot start an activity: its function has no name, give the name instead");
}
