import * as fc from "fast-check";
import { expect, test } from "vitest";
import { IndexedValueType } from "../../proto/gen/enums.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { visibilityRow } from "../store/sample-rows.test-support.ts";
import type { VisibilityRow } from "../store/store.ts";
import { matchFilter, type Truth } from "../store/visibility-match.ts";
import { parseListFilter } from "./list-filter.ts";

const attributes = {
  Kw: IndexedValueType.KEYWORD,
  Count: IndexedValueType.INT,
  Rate: IndexedValueType.DOUBLE,
  Flag: IndexedValueType.BOOL,
  Due: IndexedValueType.DATETIME,
  Tags: IndexedValueType.KEYWORD_LIST,
  Notes: IndexedValueType.TEXT,
  "Odd Name": IndexedValueType.KEYWORD,
};

const open = visibilityRow({
  workflowType: "order",
  startTimeMs: Date.UTC(2024, 4, 5, 10),
  searchAttributes: {
    Kw: "Ulm",
    Count: 5,
    Rate: 1.5,
    Flag: true,
    Due: Date.UTC(2024, 4, 5, 10, 0, 0, 123),
    Tags: ["a", "b c"],
    Notes: "Hello big-world",
    "Odd Name": "it's",
  },
});
const closed = visibilityRow({
  workflowId: "workflow-2",
  workflowType: "Orders",
  status: 7,
  executionTimeMs: 1000,
  closeTimeMs: 61_000,
  searchAttributes: { Tags: ["b"] },
});
const divided = visibilityRow({ searchAttributes: { TemporalNamespaceDivision: "div" } });

function matches(query: string, row: VisibilityRow): boolean {
  const { where } = parseListFilter(query, attributes);
  return where === undefined || matchFilter(where, row) === true;
}

test.each([
  ["", true, true],
  ["WorkflowType = 'order'", true, false],
  ['WorkflowType = "order"', true, false],
  ["`WorkflowType` <> 'order'", false, true],
  ["WorkflowType IN ('order', 'x')", true, false],
  ["WorkflowType not in ('order', 'x')", false, true],
  ["WorkflowType STARTS_WITH 'ord'", true, false],
  ["WorkflowType NOT STARTS_WITH 'ord'", false, true],
  ["WorkflowType BETWEEN 'a' AND 'z'", true, false],
  ["WorkflowType NOT BETWEEN 'a' AND 'z'", false, true],
  ["StartTime >= '2024-05-05T12:00:00+02:00' AND StartTime < '2024-05-05T10:00:00.5Z'", true, false],
  ["StartTime > 1700000000000000000", true, false],
  ["CloseTime IS NULL", true, false],
  ["CloseTime > '1970-01-01T00:00:00Z'", false, true],
  ["NOT CloseTime > '1970-01-01T00:00:00Z'", false, false],
  ["ExecutionStatus = 'Running'", true, false],
  ["ExecutionStatus = 'TimedOut'", false, true],
  ["ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_TIMED_OUT' OR ExecutionStatus = 1", true, true],
  ["ExecutionDuration = '1m'", false, true],
  ["ExecutionDuration = '00:01:00' AND ExecutionDuration > '0.0001d' AND ExecutionDuration = 60000000000", false, true],
  ["Kw = 'Ulm'", true, false],
  ["Kw != 'Bonn'", true, false],
  ["NOT Kw = 'Bonn'", true, false],
  ["Kw IS NULL", false, true],
  ["Count BETWEEN -1.5 AND +5", true, false],
  ["Rate = 1.5e0", true, false],
  ["Flag = true", true, false],
  ["Due = '2024-05-05T10:00:00.123Z'", true, false],
  ["Tags = 'b'", false, true],
  ["Tags != 'b'", true, false],
  ["NOT Tags = 'b c'", false, true],
  ["Tags IN ('a', 'z')", true, false],
  ["Tags NOT IN ('a', 'z')", false, true],
  ["Notes = 'nothing BIG'", true, false],
  ["Notes != 'big'", false, true],
  ["`Odd Name` = 'it''s' AND `Odd Name` = 'it\\'s'", true, false],
  ["ScheduleId = 'workflow-2'", false, true],
  ["BuildIds IS NULL and TemporalBuildIds is null", true, true],
  ["WorkflowType = 'x' OR WorkflowType = 'order' AND WorkflowId = 'workflow-2'", false, false],
  ["NOT (WorkflowType = 'order' OR Kw = 'x')", false, false],
  ["WorkflowType='order'AND/* so */Count=5 -- it is", true, false],
  ["WorkflowType = 'order';", true, false],
])("%s", (query, first, second) => {
  expect([matches(query, open), matches(query, closed)]).toEqual([first, second]);
});

test("runs of a division are found only by filters that name it", () => {
  expect(matches("", divided)).toBe(false);
  expect(matches("WorkflowType = 'greet'", divided)).toBe(false);
  expect(matches("NamespaceDivision = 'div'", divided)).toBe(true);
  expect(matches("GROUP BY TemporalNamespaceDivision", divided)).toBe(true);
});

test("counts may be grouped by the status", () => {
  expect(parseListFilter("GROUP BY ExecutionStatus", attributes).groupBy).toEqual({
    name: "status",
  });
  expect(parseListFilter("Kw = 'x' group by ExecutionStatus", attributes).groupBy).toEqual({
    name: "status",
  });
  expect(parseListFilter("Kw = 'x'", attributes).groupBy).toBeUndefined();
});

// As the Temporal Service answers them, word for word.
test.each([
  ["WorkflowType =", "malformed SQL query: syntax error at position 42"],
  ["WorkflowType = 'x' 'y'", "malformed SQL query: syntax error at position 50 near 'y'"],
  ["(WorkflowType = 'x'", "malformed SQL query: syntax error at position 47"],
  ["WorkflowType = 'unterminated", "malformed SQL query: syntax error at position 56 near 'unterminated'"],
  ["WorkflowType = 'ünï' AND", "malformed SQL query: syntax error at position 54"],
  ["order = 'x'", "malformed SQL query: syntax error at position 33 near 'order'"],
  ["group by", "malformed SQL query: syntax error at position 30"],
  [
    "WorkflowType = 'x' GROUP ExecutionStatus",
    "malformed SQL query: syntax error at position 68 near 'ExecutionStatus'",
  ],
  [`${"(".repeat(200)}Kw = 'x'${")".repeat(200)}`, "malformed SQL query: max nesting level reached at position 228"],
  ["WorkflowType", "invalid expression: incomplete expression"],
  ["'x' = WorkflowType", "invalid expression: must be a column name but was *sqlparser.SQLVal"],
  ["Nope = 'x'", "invalid search attribute: Nope"],
  ["Status = 'x'", "invalid search attribute: status"],
  [
    "WorkflowType = x",
    'operation is not supported: column name on the right side of comparison expression (did you forget to quote "x"?)',
  ],
  [
    "WorkflowType LIKE 'x%'",
    "operation is not supported: operator 'LIKE' not supported for Keyword type search attribute 'WorkflowType'",
  ],
  ["Tags > 'a'", "operation is not supported: operator '>' not supported for KeywordList type search attribute 'Tags'"],
  ["Notes IN ('a')", "operation is not supported: operator 'IN' not supported for Text type search attribute 'Notes'"],
  ["Notes < ''", "invalid expression: no tokens found filtering on Text type search attribute Notes"],
  ["Notes IN ('a', '')", "invalid expression: no tokens found filtering on Text type search attribute Notes"],
  [
    "ExecutionStatus STARTS_WITH 'Canceled'",
    'invalid expression: right-hand side of "starts_with" operator must be a literal string (got: Canceled)',
  ],
  ["Notes = ' '", "invalid expression: no tokens found filtering on Text type search attribute Notes"],
  ["Flag BETWEEN 1 AND 2", "invalid expression: cannot do range condition on search attribute 'Flag' of type Bool"],
  ["Kw = 5", "invalid expression: invalid value type for search attribute Kw of type Keyword: 5 (type: int64)"],
  [
    "Count = 'abc'",
    'invalid expression: invalid value type for search attribute Count of type Int: "abc" (type: string)',
  ],
  ["Due > '2024-02-30T00:00:00Z'", "invalid expression: unable to parse datetime '2024-02-30T00:00:00Z'"],
  [
    "Due > 5.5",
    "invalid expression: invalid value type for search attribute Due of type Datetime: 5.5 (type: float64)",
  ],
  ["WorkflowType = NULL", "invalid expression: unexpected value type *sqlparser.NullVal"],
  ["WorkflowType = 'a' + 'b'", "invalid expression: unexpected value type *sqlparser.BinaryExpr"],
  ["WorkflowType = upper('x')", "operation is not supported: nested func"],
  ["WorkflowType = 0x4D", 'invalid expression: unable to parse value "0x4D"'],
  ["Count = ~5", 'operation is not supported: unary operator "~"'],
  ["Tags = ('a', 'b')", "invalid expression: unexpected value type (expected string, got ('a', 'b'))"],
  [
    "Kw STARTS_WITH ('a', 'b')",
    'invalid expression: right-hand side of "starts_with" operator must be a literal string (got: [a b])',
  ],
  ["ExecutionStatus = 'running'", "invalid expression: invalid ExecutionStatus value 'running'"],
  ["ExecutionStatus = 99", "invalid expression: invalid ExecutionStatus value 99"],
  [
    "ExecutionDuration > 'P1D'",
    "invalid expression: invalid duration value for search attribute ExecutionDuration: P1D",
  ],
  [
    "ExecutionDuration > '00:60:00'",
    "invalid expression: invalid duration value for search attribute ExecutionDuration: 00:60:00",
  ],
  ["WorkflowType IS TRUE", "invalid expression: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'"],
  ["WorkflowType = 'x' ORDER BY StartTime", "operation is not supported: 'ORDER BY' clause"],
  ["ORDER BY Notes", "operation is not supported: unable to sort by search attribute type Text"],
  ["WorkflowType = x LIMIT 5", "operation is not supported: 'LIMIT' clause"],
  [
    "GROUP BY WorkflowType",
    "operation is not supported: 'GROUP BY' clause is not supported for search attribute WorkflowType",
  ],
  [
    "GROUP BY ExecutionStatus, WorkflowType",
    "operation is not supported: 'GROUP BY' clause supports only a single field",
  ],
  ["true", "operation is not supported: expression of type sqlparser.BoolVal"],
  ["foo()", "operation is not supported: function expression"],
])("refuses %s", (query, message) => {
  expect(refusal(query)).toEqual({
    status: RPCStatusCode.INVALID_ARGUMENT,
    message: `invalid query: ${message}`,
  });
});

test("filters of any allowed size are answered, larger ones refused", () => {
  const many = Array.from({ length: 4000 }, (_, index) => `WorkflowId = '${index}'`).join(" OR ");
  expect(matches(`${many} OR WorkflowId = 'workflow-2'`, closed)).toBe(true);
  expect(matches(`${"/* */".repeat(50_000)}Kw = 'Ulm'`, open)).toBe(true);
  expect(matches(`WorkflowId IN (${"'x', ".repeat(4000)}'workflow-2')`, closed)).toBe(true);
  expect(refusal(`${many} OR ${many}`)?.message).toMatch(/conditions and values, expected at most 5000/);
  expect(refusal(`Kw = '${"x".repeat(300_000)}'`)?.message).toMatch(/characters, expected at most/);
});

test("whatever is asked, the answer is a filter or an INVALID_ARGUMENT", () => {
  const pieces =
    `WorkflowType Kw Count Flag Due Tags Notes CloseTime ExecutionStatus ExecutionDuration Nope status = != < <= > >= <> <=> + -
    ( ) , ; . & | ~ ! and or not in between like starts_with is null true false 'x' "y" \`z\` '' 5 -1.5 0x1F x'4D' :v ? group by having order
    limit /* */ -- # 'open case 'Running' '1h' '2024-05-05T10:00:00Z' é \\`.split(/\s+/);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), fc.string(), (words, text) => {
      for (const query of [words.join(" "), words.join(""), text]) {
        expect([undefined, RPCStatusCode.INVALID_ARGUMENT]).toContain(refusal(query)?.status);
      }
    }),
    { numRuns: 2000 },
  );
});

interface Sample {
  readonly query: string;
  readonly truth: (row: VisibilityRow) => Truth;
}

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .record({
      operator: fc.constantFrom("=", "!=", "<", ">=", " <> "),
      value: fc.integer({ min: 3, max: 7 }),
    })
    .map(({ operator, value }) => ({
      query: `Count${operator}${value}`,
      truth: (row: VisibilityRow) =>
        compare(row.searchAttributes["Count"] as number | undefined, operator.trim(), value),
    })),
  fc.record({ not: fc.boolean() }).map(({ not }) => ({
    query: `CloseTime IS ${not ? "NOT " : ""}NULL`,
    truth: (row: VisibilityRow) => (row.closeTimeMs === null) !== not,
  })),
  fc
    .array(fc.constantFrom("order", "Orders", "it's", 'say "so"', "back\\slash", "ünï\n"), {
      minLength: 1,
      maxLength: 3,
    })
    .map((values) => ({
      query: `WorkflowType in (${values.map(quote).join(",")})`,
      truth: (row: VisibilityRow) => values.some((value) => value === row.workflowType),
    })),
);

const sample = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.record({ word: fc.constantFrom("NOT", "not"), part: tie("sample") }).map(({ word, part }) => ({
      query: `${word} (${part.query})`,
      truth: (row: VisibilityRow) => negate(part.truth(row)),
    })),
    fc
      .record({ and: fc.boolean(), parts: fc.array(tie("sample"), { minLength: 1, maxLength: 3 }) })
      .map(({ and, parts }) => ({
        query: parts.map((part) => `(${part.query})`).join(and ? " AND " : " or "),
        truth: (row: VisibilityRow) =>
          parts
            .map((part) => part.truth(row))
            .reduce((left, right) => (and ? both(left, right) : negate(both(negate(left), negate(right))))),
      })),
  ),
})).sample;

test("filters mean what their words say, unknown values included", () => {
  const rows = [
    open,
    closed,
    visibilityRow({ workflowType: 'say "so"' }),
    visibilityRow({ workflowType: "back\\slash" }),
    visibilityRow({ workflowType: "ünï\n" }),
  ];
  fc.assert(
    fc.property(sample, ({ query, truth }) => {
      for (const row of rows) expect(matches(query, row)).toBe(truth(row) === true);
    }),
  );
});

function refusal(query: string): { readonly status: RPCStatusCode; readonly message: string } | undefined {
  try {
    parseListFilter(query, attributes);
    return undefined;
  } catch (error) {
    if (!(error instanceof RPCError)) throw error;
    return { status: error.status, message: error.message };
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

function compare(left: number | undefined, operator: string, right: number): Truth {
  if (left === undefined) return null;
  const outcomes = {
    "=": left === right,
    "!=": left !== right,
    "<>": left !== right,
    "<": left < right,
    ">=": left >= right,
  };
  return outcomes[operator as keyof typeof outcomes];
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function both(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}
