import { Chance } from "./chance.ts";
/** Names, operators and values of list filters, put together by chance: most make sense, some are mistakes. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Kw: [
    "'Ulm'",
    "'ulm'",
    "'Bonn'",
    "'Köln'",
    "''",
    "'100%'",
    "'a_b'",
    "'it''s'",
    "'O\\'Neil'",
    "'x y'",
    "'\u{1F600}'",
    "7",
    '"Ulm"',
  ],
  Txt: [
    "'hello'",
    "'HELLO world'",
    "'big-world'",
    "'Ünïcode'",
    "'unicode'",
    "'hell'",
    "'x1'",
    "''",
    "'  '",
    "'--'",
    "'don\\'t'",
    "'a AND b'",
    "'hel*'",
  ],
  Num: ["0", "-3", "7", "7.0", "7.5", "9007199254740991", "'7'", "'x'", "1e3", "-0"],
  Dbl: ["0", "0.5", "-2.25", "1e10", "7", "'0.5'", "'abc'", ".5"],
  Flag: ["true", "false", "TRUE", "'true'", "1", "0", "'x'"],
  At: [
    "'2024-02-29T12:00:00Z'",
    "'2024-02-29T13:00:00+01:00'",
    "'2024-02-29T12:00:00.123456789Z'",
    "'2024-02-29'",
    "'2024-02-29 12:00:00'",
    "1709208000000000000",
    "'1709208000000000000'",
    "'never'",
    "'2024-02-30T00:00:00Z'",
  ],
  Tags: ["'x'", "'X'", "'y z'", "''", "'é'", "5", "'[x]'", "'\"x\"'"],
  WorkflowId: ["'filter-3'", "'Filter-3'", "'filter-'", "'nothing'", "3"],
  WorkflowType: ["'greet'", "'Greet'", "'gre'", "'order'"],
  TaskQueue: ["'one'", "'One'", "'two'"],
  ExecutionStatus: [
    "'Running'",
    "'running'",
    "'RUNNING'",
    "'Terminated'",
    "1",
    "'1'",
    "5",
    "'Canceled'",
    "'Cancelled'",
    "'Nothing'",
    "99",
  ],
  StartTime: ["'2020-01-01T00:00:00Z'", "'2100-01-01T00:00:00Z'", "'2020'", "0", "1.5"],
  ExecutionTime: ["'2020-01-01T00:00:00Z'", "'2100-01-01T00:00:00Z'"],
  CloseTime: ["'2020-01-01T00:00:00Z'", "'2100-01-01T00:00:00Z'", "null"],
  ExecutionDuration: ["'1h'", "'0s'", "0", "'01:00:00'", "'x'", "'1d'", "3600000000000", "'-5s'", "'1h30m'", "'1:2'"],
  HistoryLength: ["0", "1", "2", "100", "'2'", "2.5", "'many'"],
  HistorySizeBytes: ["0", "100000"],
  StateTransitionCount: ["0", "1000"],
  ParentWorkflowId: ["'x'"],
  RootWorkflowId: ["'filter-3'"],
  RunId: ["'x'", "''"],
  TemporalNamespaceDivision: ["'x'"],
  TemporalScheduledById: ["'x'"],
  ScheduledById: ["'x'"],
  BuildIds: ["'unversioned'"],
  Missing: ["'x'", "1"],
  kw: ["'Ulm'"],
};
const SCALAR = ["=", "!=", "<", ">", "<=", ">=", "<>", "LIKE", "<=>", "REGEXP"];

/** Makes filters by chance. */
export class RandomFilters {
  readonly #chance: Chance;

  /** @param random A number of at least 0 and less than 1. */
  constructor(random: () => number) {
    this.#chance = new Chance(random);
  }

  next(): string {
    const filter = this.#condition(this.#chance.int(0, 3));
    if (this.#chance.happens(0.04))
      return `${filter} ${this.#chance.pick(["ORDER BY StartTime", "ORDER BY Txt", "LIMIT 5", "GROUP BY ExecutionStatus", "GROUP BY Kw", "GROUP BY ExecutionStatus, Kw"])}`;
    return this.#chance.happens(0.06) ? this.#spoil(filter) : filter;
  }

  #condition(depth: number): string {
    if (depth === 0) return this.#leaf();
    switch (this.#chance.int(0, 5)) {
      case 0:
      case 1:
        return `${this.#condition(depth - 1)} ${this.#chance.pick(["AND", "and"])} ${this.#condition(depth - 1)}`;
      case 2:
      case 3:
        return `(${this.#condition(depth - 1)} ${this.#chance.pick(["OR", "or"])} ${this.#condition(depth - 1)})`;
      case 4:
        return `${this.#chance.pick(["NOT", "not", "!"])} ${this.#condition(depth - 1)}`;
      default:
        return `NOT (${this.#condition(depth - 1)})`;
    }
  }

  #leaf(): string {
    const name = this.#chance.pick(Object.keys(FIELDS));
    const quoted = this.#chance.happens(0.1) ? `\`${name}\`` : name;
    const value = (): string => this.#value(name);
    switch (this.#chance.int(0, 9)) {
      case 0:
        return `${quoted} ${this.#chance.pick(["IN", "NOT IN", "in"])} (${this.#list(value)})`;
      case 1:
        return `${quoted} ${this.#chance.pick(["BETWEEN", "NOT BETWEEN"])} ${value()} AND ${value()}`;
      case 2:
        return `${quoted} IS ${this.#chance.pick(["NULL", "NOT NULL", "null", "TRUE", "not null"])}`;
      case 3:
        return `${quoted} ${this.#chance.pick(["STARTS_WITH", "NOT STARTS_WITH", "starts_with"])} ${this.#chance.happens(0.4) ? this.#chance.pick(["'U'", "'u'", "'a_'", "'filter-1'", "'10'"]) : value()}`;
      case 4:
        return `${quoted} ${this.#chance.pick(SCALAR)} ${value()}`;
      default:
        return `${quoted} ${this.#chance.pick(["=", "!=", "<", ">", "<=", ">="])} ${value()}`;
    }
  }

  #value(name: string): string {
    const other = this.#chance.happens(0.05) ? this.#chance.pick(Object.keys(FIELDS)) : name;
    return this.#chance.happens(0.02)
      ? this.#chance.pick(["NULL", "Kw", "(1)", "f(1)", "1 + 1", "-'x'"])
      : this.#chance.pick(FIELDS[other] ?? []);
  }

  #list(value: () => string): string {
    return Array.from({ length: this.#chance.int(1, 3) }, value).join(", ");
  }

  /** Takes out, doubles or puts in a few characters. */
  #spoil(filter: string): string {
    const at = this.#chance.int(0, filter.length);
    const taken = this.#chance.int(0, 3);
    return (
      filter.slice(0, at) +
      this.#chance.pick(["", "", "'", "(", ")", "=", " AND ", "\\", ";", "--"]) +
      filter.slice(at + taken)
    );
  }
}
