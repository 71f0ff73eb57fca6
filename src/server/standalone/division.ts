/** What is kept like runs of workflows, under the ids of a namespace's own, but is none. */
export type Division = "activity" | "nexusOperation";

// No namespace's id has this character.
const SEPARATOR = "#";
const divisions: readonly Division[] = ["activity", "nexusOperation"];

/** The id under which a store keeps one sort of a namespace's standalone executions, as if that were a namespace. */
export function divisionOf(namespaceId: string, division: Division): string {
  return `${namespaceId}${SEPARATOR}${division}`;
}

/** Undoes {@link divisionOf}. */
export function splitDivision(id: string): { readonly namespaceId: string; readonly division: string } {
  const [namespaceId = "", division = ""] = id.split(SEPARATOR);
  return { namespaceId, division };
}

/** Whether what is kept under this id is no run of a workflow. */
export function isOfDivision(id: string): boolean {
  return id.includes(SEPARATOR);
}

/** A namespace's id and those of all its divisions. */
export function withDivisions(namespaceId: string): readonly string[] {
  return [namespaceId, ...divisions.map((division) => divisionOf(namespaceId, division))];
}
