import type { EventGroupMarker } from "../../proto/gen/sdk.ts";

/** The groups of events that commands of a piece of code belong to. */
export interface ActiveGroups {
  /** Of the signal or the update that is being handled. */
  readonly implicit: EventGroupMarker | undefined;
  /** Those that code made, by their ids. */
  readonly explicit: ReadonlyMap<string, EventGroupMarker>;
  /** All of them, as commands carry them. */
  readonly markers: readonly EventGroupMarker[];
}

const none: ReadonlyMap<string, EventGroupMarker> = new Map();

/** The group of all that the handler of a signal does. It is in no other, wherever the handler was set. */
export function groupOfSignal(eventId: number): ActiveGroups | undefined {
  if (eventId <= 0) return undefined;
  return toActive({ variant: { case: "inboundEvent", value: { inboundEventId: eventId } } }, none);
}

/** As {@link groupOfSignal}, of an update. */
export function groupOfUpdate(updateId: string): ActiveGroups {
  return toActive({ variant: { case: "inboundUpdate", value: { inboundUpdateId: updateId } } }, none);
}

const groupsOfEnds = new WeakMap<Error, readonly EventGroupMarker[]>();

/** Keeps the groups of code that ends the run by an error, for the command that follows when the run method has ended. */
export function keepGroupsOfEnd(error: Error, markers: readonly EventGroupMarker[] | undefined): void {
  if (markers !== undefined) groupsOfEnds.set(error, markers);
}

/** What {@link keepGroupsOfEnd} kept. */
export function groupsOfEnd(error: Error): readonly EventGroupMarker[] | undefined {
  return groupsOfEnds.get(error);
}

/** The same groups and one more. */
export function withGroup(groups: ActiveGroups | undefined, id: string, marker: EventGroupMarker): ActiveGroups {
  return toActive(groups?.implicit, new Map(groups?.explicit).set(id, marker));
}

function toActive(
  implicit: EventGroupMarker | undefined,
  explicit: ReadonlyMap<string, EventGroupMarker>,
): ActiveGroups {
  return { implicit, explicit, markers: [...(implicit === undefined ? [] : [implicit]), ...explicit.values()] };
}
