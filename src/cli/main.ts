#!/usr/bin/env node
import { run } from "./program.ts";

/** Exit code after a second signal, as shells count an interrupt. */
const INTERRUPTED = 130;

const exitCode = await run(process.argv.slice(2), {
  write: (line) => process.stdout.write(`${line}\n`),
  writeError: (line) => process.stderr.write(`${line}\n`),
  untilStopped,
});
// Whatever was half started must not keep the process alive.
process.exit(exitCode);

/** The first signal asks for an orderly end, the second for an end at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
