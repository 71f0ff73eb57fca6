import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { captureLog } from "./captured-log.ts";
import { exampleOutputs } from "./example-outputs.ts";

/** Folders without a program: modules that others use, and tests that are run as such. */
const WITHOUT_PROGRAM = ["codecs", "testing"];

test.each(Object.entries(exampleOutputs))(
  "examples/%s prints what it should",
  { timeout: 60_000 },
  async (name, wanted) => {
    const { argv } = process;
    process.argv = [...argv.slice(0, 2), "memory:"];
    try {
      const lines = await captureLog(() => import(resolve("examples", name, "main.ts")));
      expect(lines.slice(0, wanted.length)).toEqual(wanted);
    } finally {
      process.argv = argv;
    }
  },
);

test("every example is run", () => {
  const folders = readdirSync("examples", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual(
    [...Object.keys(exampleOutputs), ...WITHOUT_PROGRAM].toSorted(),
  );
});
