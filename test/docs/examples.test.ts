import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { captureLog } from "./captured-log.ts";

/** What each program prints. */
const outputs: Readonly<Record<string, readonly string[]>> = {
  approval: ["approved by Ada", "rejected: nobody answered"],
  cart: [
    "In the cart: 3",
    "In the cart: 4",
    "Refused: Cannot add 0: at least 1 is needed",
    "Asked: 3",
    "Bought: { apple: 3 }",
  ],
  children: ["8 words"],
  dynamic: ["InvoiceStep(Ada, 12)", "ReminderStep(Bob)"],
  encryption: ["Hello, Ada!", "The service knows her name: false"],
  "external-storage": ["800000 characters, in 1 file"],
  hello: ["Result: Hello, World!"],
  nexus: ["lamp is at the door, for 40"],
  polling: ["done, asked 3 times"],
  saga: [
    "Cancelled: flight of Ada's trip",
    "Cancelled: hotel of Ada's trip",
    "Not booked: No car is left for Ada's trip",
  ],
  schedule: ["report of Berlin", "Next hour: full"],
  streams: [
    "0 progress: begins bees",
    "1 words: It",
    "2 words: is",
    "3 words: about",
    "4 words: bees",
    "5 progress: begins trees",
    "6 words: It",
    "7 words: is",
    "8 words: about",
    "9 words: trees",
  ],
  threads: ["[ 1229, 9592 ]"],
};

/** Folders without a program: modules that others use, and tests that are run as such. */
const WITHOUT_PROGRAM = ["codecs", "testing"];

test.each(Object.entries(outputs))("examples/%s prints what it should", { timeout: 60_000 }, async (name, wanted) => {
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), "memory:"];
  try {
    const lines = await captureLog(() => import(resolve("examples", name, "main.ts")));
    expect(lines.slice(0, wanted.length)).toEqual(wanted);
  } finally {
    process.argv = argv;
  }
});

test("every example is run", () => {
  const folders = readdirSync("examples", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual([...Object.keys(outputs), ...WITHOUT_PROGRAM].toSorted());
});
