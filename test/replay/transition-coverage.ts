import type { AnyMachine } from "../../src/core/replay/tables.ts";

type Cell = (input: never) => unknown;

/** Counts the cells of machines' tables that are used from now on. */
export function watchTransitions(machines: readonly AnyMachine[]): {
  readonly total: number;
  unused(): readonly string[];
} {
  const unused = new Set<string>();
  let total = 0;
  for (const { name, table } of machines) {
    for (const [state, row] of Object.entries(table as Record<string, Record<string, Cell>>)) {
      for (const [kind, cell] of Object.entries(row)) {
        const id = `${name}: ${state} + ${kind}`;
        unused.add(id);
        total++;
        row[kind] = (input) => {
          unused.delete(id);
          return cell(input);
        };
      }
    }
  }
  return { total, unused: () => [...unused] };
}
