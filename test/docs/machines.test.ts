import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderMachines } from "./machine-diagrams.ts";

test("docs/machines.md shows every machine as its table is", () => {
  expect(readFileSync("docs/machines.md", "utf8")).toBe(renderMachines());
});
