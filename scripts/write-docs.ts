/** Writes the pages of docs/ that are made from the code. */
import { writeFileSync } from "node:fs";
import { renderMachines } from "../test/docs/machine-diagrams.ts";

writeFileSync(new URL("../docs/machines.md", import.meta.url), renderMachines());
