import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test, vi } from "vitest";
import { initialize, Trial, writeFiles } from "./sandbox.test-support.ts";

const files = {
  "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { twice } from "./part.ts";

      @workflow.defn()
      export class Choice {
        @workflow.run
        async run(large: boolean): Promise<number> {
          if (large) {
            return twice(1_000);
          }
          const small = twice(21);
          return small;
        }
      }`,
  "part.ts": `
      export function twice(value: number): number {
        if (value < 0) return never();
        return value * 2;
      }

      function never(): number {
        return 0;
      }`,
};

/** Lines of a file, from 1, with the text given. */
function linesWith(text: string, file: keyof typeof files): number[] {
  return files[file].split("\n").flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
}

function readMap(script: string): SourceMap {
  const encoded = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(script)?.[1] ?? "";
  return new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()) as SourceMapPayload);
}

/** How often each line of a source was reached, as coverage tools find it by the file that V8 names. */
function countLines({ url, functions }: Profiler.ScriptCoverage, source: string): ReadonlyMap<number, number> {
  const script = readFileSync(fileURLToPath(url), "utf8");
  const map = readMap(script);
  const ranges = functions.flatMap((each) => each.ranges);
  const counts = new Map<number, number>();
  let offset = 0;
  for (const [row, line] of script.split("\n").entries()) {
    for (let column = 0; column < line.length; column++) {
      const entry = map.findEntry(row, column);
      if (!("originalSource" in entry) || entry.originalSource !== source) continue;
      if (entry.generatedLine !== row || entry.generatedColumn !== column) continue;
      const at = offset + column;
      const innermost = ranges
        .filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset)
        .reduce((a, b) => (b.endOffset - b.startOffset <= a.endOffset - a.startOffset ? b : a));
      const known = counts.get(entry.originalLine + 1) ?? Infinity;
      counts.set(entry.originalLine + 1, Math.min(known, innermost.count));
    }
    offset += line.length + 1;
  }
  return counts;
}

test("coverage tools see which lines of workflow code have run", async () => {
  vi.stubEnv("PERDURE_COVERAGE", "1");
  onTestFinished(() => void vi.unstubAllEnvs());
  const workingDirectory = writeFiles(files);
  const session = new Session();
  session.connect();
  onTestFinished(() => session.disconnect());
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const trial = await Trial.of({}, { workingDirectory });
  expect(trial.run("Choice", [false])).toBe(42);
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const script = result.find(({ url }) => url.startsWith(pathToFileURL(workingDirectory).href));
  expect(script?.url).toMatch(/\/\.perdure\/workflows-[0-9a-f]{16}\.js$/);
  if (script === undefined) return;
  const workflows = countLines(script, pathToFileURL(join(workingDirectory, "workflows.ts")).href);
  expect(linesWith("return twice(1_000)", "workflows.ts").map((line) => workflows.get(line))).toEqual([0]);
  expect(linesWith("small", "workflows.ts").map((line) => workflows.get(line))).toEqual([1, 1]);
  const part = countLines(script, pathToFileURL(join(workingDirectory, "part.ts")).href);
  expect(
    [...linesWith("value * 2", "part.ts"), ...linesWith("return 0", "part.ts")].map((line) => part.get(line)),
  ).toEqual([1, 0]);
});

test("stacks name lines of the user's files while coverage is measured and while a debugger listens", async () => {
  const workingDirectory = writeFiles({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      @workflow.defn() export class Fails {
        @workflow.run async run(): Promise<void> {
          throw new Error("line 5");
        }
      }`,
  });
  const debugged = await Trial.of({}, { workingDirectory, debug: true });
  const stackOf = (trial: Trial): string => {
    const completion = trial.instantiate("Fails").activate([initialize("Fails")]);
    return completion.status === "failed" ? completion.failure.stackTrace : "";
  };
  expect(stackOf(debugged)).toContain("workflows.ts:5:");
  vi.stubEnv("PERDURE_COVERAGE", "1");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(stackOf(await Trial.of({}, { workingDirectory }))).toContain("workflows.ts:5:");
});

// A debugger cannot run on the thread that it stops.
const debuggerThread = `
  const { Session } = require("node:inspector");
  const { parentPort, workerData } = require("node:worker_threads");
  // Nothing else keeps the thread alive while it waits for the other.
  setInterval(() => undefined, 1_000);
  const session = new Session();
  session.connectToMainThread();
  session.on("Debugger.paused", ({ params: { callFrames: [{ callFrameId, location }] } }) => {
    session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression: "small" }, (_error, { result }) => {
      session.post("Debugger.resume");
      parentPort.postMessage({ line: location.lineNumber, value: result.value });
    });
  });
  session.post("Debugger.enable", () => {
    session.post("Debugger.setBreakpointByUrl", workerData, () => parentPort.postMessage("ready"));
  });`;

test("a debugger stops at a line of a workflow's source and sees its variables", async () => {
  const workingDirectory = writeFiles(files);
  const trial = await Trial.of({}, { workingDirectory, debug: true });
  const map = readMap(trial.bundle.program.code);
  const source = pathToFileURL(join(workingDirectory, "workflows.ts")).href;
  const [row = 0] = linesWith("return small", "workflows.ts");
  const at = findGenerated(map, trial.bundle.program.code, source, row);
  const workerData = { url: "perdure:workflows.js", ...at };
  const thread = new Worker(debuggerThread, { eval: true, workerData });
  onTestFinished(async () => void (await thread.terminate()));
  expect(await once(thread, "message")).toEqual(["ready"]);
  const stopped = once(thread, "message");
  expect(trial.run("Choice", [false])).toBe(42);
  expect(await stopped).toEqual([{ line: at.lineNumber, value: 42 }]);
});

/** Where a debugger that follows the map puts a breakpoint of a source's line; lines of scripts count from 0. */
function findGenerated(
  map: SourceMap,
  code: string,
  source: string,
  row: number,
): { readonly lineNumber: number; readonly columnNumber: number } {
  for (const [index, line] of code.split("\n").entries()) {
    // The map counts the line that is put before the code.
    const lineNumber = index + 1;
    for (let columnNumber = 0; columnNumber < line.length; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if (!("originalSource" in entry) || entry.generatedLine !== lineNumber) continue;
      if (entry.originalSource === source && entry.originalLine + 1 === row) return { lineNumber, columnNumber };
    }
  }
  throw new Error(`Cannot find line ${row} of "${source}" in the script`);
}
