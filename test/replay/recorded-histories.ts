import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { History, type HistoryEvent } from "../../src/proto/gen/history.ts";
import { historyFromJson } from "../../src/proto/history-json.ts";

/** One history of test/histories. */
export interface RecordedHistory {
  readonly name: string;
  readonly events: readonly HistoryEvent[];
}

const root = fileURLToPath(new URL("../histories/", import.meta.url));

/** All recorded histories of SDKs that are built on the shared core. */
export function readRecordedHistories(): readonly RecordedHistory[] {
  return ["core", "python", "typescript", "dotnet"].flatMap((folder) =>
    readdirSync(`${root}${folder}`)
      .toSorted()
      .map((file) => {
        const bytes = readFileSync(`${root}${folder}/${file}`);
        const { events } = file.endsWith(".bin") ? History.decode(bytes) : historyFromJson(bytes.toString("utf8"));
        return { name: `${folder}/${file.split("__").at(-1) ?? file}`, events };
      }),
  );
}
