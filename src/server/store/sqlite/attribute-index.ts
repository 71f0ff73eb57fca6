import type { VisibilityRow } from "../store.ts";
import { wordsOf } from "../text-match.ts";
import type { SqlValue } from "./driver.ts";
import { toAttributeKey, toSqlText } from "./sql-text.ts";

/**
 * Search attributes that the server sets on nearly every run, or that have few values. They stay out of the index, so
 * that runs without attributes of their own pay nothing for it.
 */
const UNINDEXED: ReadonlySet<string> = new Set([
  "BuildIds",
  "TemporalUsedWorkerDeploymentVersions",
  "TemporalWorkerDeployment",
  "TemporalWorkflowVersioningBehavior",
]);

/** Stands for the elements of an empty list, which has none but is not absent. No value is a blob otherwise. */
const NO_ELEMENT = new Uint8Array([0]);

/** Adds one entry: namespace, name, value, close key, start time, run key. */
export const INSERT_ENTRY = `INSERT OR IGNORE INTO run_attributes (owner, name, value, listed_key, listed_start_ms, of_run)
  VALUES (?, ?, ?, ?, ?, ?)`;

/** What the index says of a run: it has this value, or this element, under the name. */
export interface AttributeEntry {
  readonly name: string;
  readonly value: SqlValue;
}

/** Whether the index knows the values of a search attribute. */
export function isIndexed(attribute: string): boolean {
  return !UNINDEXED.has(attribute);
}

/** The name under which the index has the values of a search attribute. */
export function valueName(attribute: string): string {
  return toAttributeKey(attribute);
}

/** The name under which the index has the words of a text. Names of values hold no `%` before a letter. */
export function wordName(attribute: string): string {
  return `%w${toAttributeKey(attribute)}`;
}

/** The entries of a run. */
export function attributeEntries({
  searchAttributes,
  textAttributes = [],
}: Pick<VisibilityRow, "searchAttributes" | "textAttributes">): readonly AttributeEntry[] {
  const entries: AttributeEntry[] = [];
  for (const [attribute, value] of Object.entries(searchAttributes)) {
    if (!isIndexed(attribute)) continue;
    const name = valueName(attribute);
    if (typeof value !== "object") entries.push({ name, value: entryValue(value) });
    else if (value.length === 0) entries.push({ name, value: NO_ELEMENT });
    else for (const element of new Set(value)) entries.push({ name, value: entryValue(element) });
  }
  for (const attribute of textAttributes) {
    const text = searchAttributes[attribute];
    if (typeof text !== "string") continue;
    for (const word of new Set(wordsOf(text))) entries.push({ name: wordName(attribute), value: word });
  }
  return entries;
}

/** A value as the index compares it. */
export function entryValue(value: string | number | boolean): SqlValue {
  return typeof value === "string" ? toSqlText(value) : Number(value);
}
