import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { Client, WorkflowHistory, type ConnectOptions } from "../client/index.ts";
import { UsageError } from "./cli-error.ts";
import type { ReplayFlags, ServiceSource } from "./replay-flags.ts";

/** A history to be replayed, and where it is from. */
export interface SourcedHistory {
  /** The file, or the service's address. */
  readonly source: string;
  readonly history: WorkflowHistory;
}

/** Executions of a list that are looked at to take a sample from. */
const LISTED_MAX = 10_000;

/** Reads history files, and those of folders: JSON as the UI, the CLI and the SDKs write it. @throws {UsageError} */
export function* readHistoryFiles(paths: readonly string[]): Generator<SourcedHistory> {
  for (const path of paths) {
    for (const file of filesOf(path)) {
      const workflowId = basename(file).replace(/\.json$/, "");
      yield { source: file, history: WorkflowHistory.fromJson(workflowId, readText("--history", file)) };
    }
  }
}

function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new UsageError(`Cannot use flag "--history": "${path}" cannot be read, give a file or a folder`, { cause });
  }
}

/** Takes a sample of histories from a service, each type of workflow in turn, the latest first. */
export async function* fetchHistories(source: ServiceSource, flags: ReplayFlags): AsyncGenerator<SourcedHistory> {
  await using client = await Client.connect(source.address, toConnectOptions(flags));
  const runsByType = new Map<string, { readonly workflowId: string; readonly runId: string }[]>();
  for await (const { id: workflowId, runId, workflowType } of client.listWorkflows(source.query, {
    limit: LISTED_MAX,
  })) {
    const runs = runsByType.get(workflowType) ?? [];
    runsByType.set(workflowType, [...runs, { workflowId, runId }]);
  }
  for (const { workflowId, runId } of takeInTurn([...runsByType.values()], source.sampleMax)) {
    const history = await client.getWorkflowHandle(workflowId, { runId }).fetchHistory();
    yield { source: source.address, history };
  }
}

/** The first of each list, then the second of each, up to a limit. */
export function takeInTurn<T>(lists: readonly (readonly T[])[], limit: number): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const taken: T[] = [];
  for (let index = 0; index < longest && taken.length < limit; index++) {
    for (const list of lists) {
      const item = list[index];
      if (item !== undefined && taken.length < limit) taken.push(item);
    }
  }
  return taken;
}

function toConnectOptions(flags: ReplayFlags): ConnectOptions {
  const { tlsCa, tlsCert, tlsKey, tlsServerName, tls, apiKey, namespace } = flags;
  const parts = {
    ...(tlsCa === undefined ? {} : { serverRootCACert: readText("--tls-ca", tlsCa) }),
    ...(tlsCert === undefined ? {} : { clientCert: readText("--tls-cert", tlsCert) }),
    ...(tlsKey === undefined ? {} : { clientPrivateKey: readText("--tls-key", tlsKey) }),
    ...(tlsServerName === undefined ? {} : { domain: tlsServerName }),
  };
  const hasParts = Object.keys(parts).length > 0;
  return {
    namespace,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(hasParts ? { tls: parts } : tls === undefined ? {} : { tls }),
  };
}

function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`Cannot use flag "${flag}": file "${file}" cannot be read`, { cause });
  }
}
