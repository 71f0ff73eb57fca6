import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DataConverter } from "../payload/data-converter.ts";
import { NondeterminismError } from "../core/errors.ts";
import { Replayer, Runtime, type WorkflowReplayResult } from "../worker/index.ts";
import { UsageError } from "./cli-error.ts";
import type { CliHost } from "./cli-host.ts";
import { fetchHistories, readHistoryFiles, type SourcedHistory } from "./history-source.ts";
import { createLineLogger } from "./line-logger.ts";
import { readServiceSource, type ReplayFlags } from "./replay-flags.ts";
import { entryLines, toJUnit, toReport, type ReplayReportEntry } from "./replay-report.ts";

/** Exit codes of `replay`, beside that of any command that cannot be carried out. */
export const replayExitCodes = { agrees: 0, differs: 2, nothingReplayed: 3 } as const;

/**
 * Replays histories on workflow code, and tells of each how that went.
 *
 * @returns The exit code.
 * @throws {UsageError} If a flag cannot be used.
 * @throws {TemporalError} If workflow code cannot be bundled or the service cannot be reached.
 */
export async function replay(flags: ReplayFlags, host: CliHost): Promise<number> {
  const source = readServiceSource(flags, new Date());
  const now = (): Date => new Date();
  const logger = createLineLogger({ level: "error", format: "text", write: host.writeError, now });
  const dataConverter = await loadDataConverter(flags.dataConverter);
  await using replayer = await Replayer.create({
    workflowModules: flags.workflows,
    namespace: flags.namespace,
    runtime: new Runtime({ logger }),
    ...(dataConverter === undefined ? {} : { dataConverter }),
  });
  const entries: ReplayReportEntry[] = [];
  const add = async (sourced: SourcedHistory): Promise<void> => {
    const entry = await replayOne(replayer, sourced);
    entries.push(entry);
    if (flags.json !== true) for (const line of entryLines(entry)) host.write(line);
  };
  for (const sourced of readHistoryFiles(flags.history)) await add(sourced);
  if (source !== undefined) for await (const sourced of fetchHistories(source, flags)) await add(sourced);
  const report = toReport(entries);
  if (flags.junit !== undefined) writeJUnit(flags.junit, toJUnit(report));
  host.write(
    flags.json === true ? JSON.stringify(report, undefined, 2) : `${report.replayed} replayed, ${report.failed} failed`,
  );
  if (report.failed > 0) return replayExitCodes.differs;
  if (report.replayed > 0 || flags.allowEmpty === true) return replayExitCodes.agrees;
  host.writeError("Nothing was replayed: no history matches, widen --query or --since, or pass --allow-empty");
  return replayExitCodes.nothingReplayed;
}

async function replayOne(replayer: Replayer, { source, history }: SourcedHistory): Promise<ReplayReportEntry> {
  const { workflowId, events } = history;
  const start = events[0]?.attributes;
  const started = start?.case === "workflowExecutionStartedEventAttributes" ? start.value : undefined;
  const facts = {
    source,
    workflowId,
    workflowType: started?.workflowType?.name ?? "",
    runId: started?.originalExecutionRunId ?? "",
    events: events.length,
  };
  try {
    return { ...facts, ...verdict(await replayer.replayWorkflow(history, { raiseOnFailure: false })) };
  } catch (error) {
    return { ...facts, status: "error", message: error instanceof Error ? error.message : String(error) };
  }
}

function verdict({
  replayFailure,
  workflowStack,
}: WorkflowReplayResult): Pick<ReplayReportEntry, "status" | "message" | "details" | "stack"> {
  if (replayFailure === undefined) return { status: "ok" };
  const { message } = replayFailure;
  if (!(replayFailure instanceof NondeterminismError)) {
    const lines = (replayFailure.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    return { status: "error", message, ...(lines.length === 0 ? {} : { stack: lines.map((line) => line.trim()) }) };
  }
  const stack = workflowStack === undefined ? undefined : userFrames(workflowStack);
  return {
    status: "nondeterminism",
    message,
    ...(replayFailure.details === undefined ? {} : { details: replayFailure.details }),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The frames of files that are there: those of the package's own code are named as where it was built. */
function userFrames(stack: string): readonly string[] {
  const lines = stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const users = lines.filter((line) => {
    const file = /([^\s(]+):\d+:\d+\)?$/.exec(line)?.[1];
    return file !== undefined && existsSync(file);
  });
  return users.length === 0 ? lines : users;
}

async function loadDataConverter(module: string | undefined): Promise<DataConverter | undefined> {
  if (module === undefined) return undefined;
  let loaded: { readonly dataConverter?: unknown };
  try {
    loaded = (await import(pathToFileURL(resolve(module)).href)) as typeof loaded;
  } catch (cause) {
    throw new UsageError(`Cannot use flag "--data-converter": module "${module}" cannot be loaded`, { cause });
  }
  if (loaded.dataConverter instanceof DataConverter) return loaded.dataConverter;
  throw new UsageError(
    `Cannot use flag "--data-converter": module "${module}" exports no "dataConverter", expected one of class DataConverter`,
  );
}

function writeJUnit(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new UsageError(`Cannot use flag "--junit": file "${file}" cannot be written`, { cause });
  }
}
