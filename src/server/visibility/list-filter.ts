import { IndexedValueType } from "../../proto/gen/enums.ts";
import { typeNameOf } from "../namespaces/search-attribute.ts";
import { StoreQueryError } from "../store/store-error.ts";
import type { VisibilityField, VisibilityFilter } from "../store/store.ts";
import { checkFilter } from "../store/visibility-check.ts";
import type { AttributeTypes } from "./filter-attribute.ts";
import { FilterConverter } from "./filter-conversion.ts";
import { invalidFilter, unsupportedFilter } from "./filter-error.ts";
import type { FilterStatement } from "./filter-expression.ts";
import { parseFilter } from "./filter-parser.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

/** Set on runs that belong to the service itself; they are listed only if a filter names it. */
const DIVISION = "TemporalNamespaceDivision";
/** Longest filter that is read, in characters; the service has no limit of its own. */
const FILTER_LENGTH_MAX = 256 * 1024;
const groupable = ["ExecutionStatus", DIVISION];

/** What a list or count asks the store for. */
export interface ListFilter {
  readonly where?: VisibilityFilter;
  /** What counts are grouped by; lists pay no heed to it. */
  readonly groupBy?: VisibilityField;
}

/**
 * Reads a filter in the service's language, such as `WorkflowType = 'greet' AND StartTime > '2024-05-01T00:00:00Z'`.
 *
 * @param attributes Types of the namespace's custom search attributes.
 * @param vocabulary What else may be named; that of workflows by default.
 * @throws {RPCError} `INVALID_ARGUMENT` with the service's message if the filter is not one that it accepts.
 */
export function parseListFilter(query: string, attributes: AttributeTypes, vocabulary?: FilterVocabulary): ListFilter {
  const filter = query.trim();
  if (filter.length > FILTER_LENGTH_MAX) {
    throw invalidFilter(`the filter has ${filter.length} characters, expected at most ${FILTER_LENGTH_MAX}`);
  }
  const statement: FilterStatement = filter === "" ? { groupBy: [], orderBy: [], limited: false } : parseFilter(filter);
  if (statement.limited) throw unsupportedFilter("'LIMIT' clause");
  const converter = new FilterConverter(attributes, vocabulary);
  const where = statement.where === undefined ? undefined : converter.convert(statement.where);
  const groupBy = convertGroupBy(statement, converter);
  refuseOrderBy(statement, converter);
  const ownRuns: VisibilityFilter = { kind: "isNull", field: { name: DIVISION, attribute: true } };
  const parts = converter.hasNamed(DIVISION) ? [where] : [ownRuns, where];
  const whole = conjunction(parts.filter((part) => part !== undefined));
  refuseTooLarge(whole);
  return {
    ...(whole === undefined ? {} : { where: whole }),
    ...(groupBy === undefined ? {} : { groupBy }),
  };
}

function convertGroupBy(statement: FilterStatement, converter: FilterConverter): VisibilityField | undefined {
  if (statement.groupBy.length > 1) {
    throw unsupportedFilter("'GROUP BY' clause supports only a single field");
  }
  const [expression] = statement.groupBy;
  if (expression === undefined) return undefined;
  const { alias, name, field } = converter.convertColumn(expression);
  if (!groupable.includes(name)) {
    throw unsupportedFilter(`'GROUP BY' clause is not supported for search attribute ${alias}`);
  }
  return field;
}

function refuseOrderBy(statement: FilterStatement, converter: FilterConverter): void {
  for (const expression of statement.orderBy) {
    const { type } = converter.convertColumn(expression);
    if (type === IndexedValueType.TEXT) {
      throw unsupportedFilter(`unable to sort by search attribute type ${typeNameOf(type)}`);
    }
  }
  if (statement.orderBy.length > 0) throw unsupportedFilter("'ORDER BY' clause");
}

function refuseTooLarge(where: VisibilityFilter | undefined): void {
  try {
    checkFilter(where);
  } catch (error) {
    throw error instanceof StoreQueryError ? invalidFilter(error.message) : error;
  }
}

function conjunction(parts: readonly VisibilityFilter[]): VisibilityFilter | undefined {
  return parts.length > 1 ? { kind: "and", parts } : parts[0];
}
