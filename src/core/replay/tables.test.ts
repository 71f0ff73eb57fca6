import { expect, test } from "vitest";
import type { Input } from "../machine.ts";
import { replayMachines } from "./tables.ts";

/** Inputs carry at most these; every combination is tried. */
const guards = [
  { waits: true, stops: true, answers: true, how: "abandon" },
  { waits: false, stops: false, answers: false, how: "tryCancel" },
  { how: "waitCancellationCompleted" },
];

test.each(replayMachines)("every state of $name is reached, and every cell leads to a state", ({ table }) => {
  const rows = table as Readonly<
    Record<string, Readonly<Record<string, (input: Input & Record<string, unknown>) => { readonly state: string }>>>
  >;
  const targets = new Map<string, Set<string>>();
  for (const [state, row] of Object.entries(rows)) {
    const reached = new Set(
      Object.entries(row).flatMap(([kind, cell]) => guards.map((guard) => cell({ kind, ...guard }).state)),
    );
    for (const target of reached) expect(Object.keys(rows)).toContain(target);
    targets.set(state, reached);
  }
  const starts = Object.keys(rows).filter(
    (state) => ![...targets].some(([from, reached]) => from !== state && reached.has(state)),
  );
  const seen = new Set(starts.length === 0 ? Object.keys(rows).slice(0, 1) : starts);
  for (const state of seen) for (const target of targets.get(state) ?? []) seen.add(target);
  expect([...seen].toSorted()).toEqual(Object.keys(rows).toSorted());
});

test("machines have names of their own", () => {
  expect(new Set(replayMachines.map(({ name }) => name)).size).toBe(replayMachines.length);
});
