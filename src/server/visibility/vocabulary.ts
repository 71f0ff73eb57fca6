import type { IndexedValueType } from "../../proto/gen/enums.ts";

/** Names of statuses, as filters and groups of counts have them. */
export interface StatusNames {
  /** The status with this name; `undefined` if there is none. */
  readonly ofName: (name: string) => number | undefined;
  /** Whether a number is that of a status. */
  readonly isStatus: (status: number) => boolean;
  /** The name that clients show. */
  readonly nameOf: (status: number) => string;
}

/** What filters of one sort of list may name besides custom search attributes. */
export interface FilterVocabulary {
  /** Types of the attributes by name. */
  readonly attributes: Readonly<Record<string, IndexedValueType>>;
  /** Columns of a list's rows by attribute; an attribute without one is kept among the row's search attributes. */
  readonly columns: Readonly<Record<string, string>>;
  readonly statuses: StatusNames;
  /** Whether a status that there is none of is a mistake; otherwise nothing has it. */
  readonly refusesUnknownStatus: boolean;
}
