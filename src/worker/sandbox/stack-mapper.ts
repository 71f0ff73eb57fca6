import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve } from "node:path";
import type { BundledScript, WorkflowBundle } from "./workflow-bundle.ts";

/** Prefix of a bundle's scripts in stacks. */
export const SCRIPT_SCHEME = "perdure:";

const POSITION = /perdure:([\w-]+\.js):(\d+):(\d+)/g;

/** Where the host calls into a realm. */
const DOOR = /^\s+at Script\.runInContext \(node:vm:/;
const ASYNC_FRAME = /^\s+at async /;

/** Turns positions in a bundle's scripts into positions in the files that they were made of. */
export class StackMapper {
  readonly #scripts: ReadonlyMap<string, BundledScript>;
  readonly #maps = new Map<string, SourceMap>();
  readonly #userScript: string;
  readonly #workingDirectory: string | undefined;

  constructor(bundle: WorkflowBundle) {
    const scripts = [bundle.realm, bundle.shared, bundle.program].filter((script) => script !== undefined);
    this.#scripts = new Map(scripts.map((script) => [script.name, script]));
    this.#userScript = `${SCRIPT_SCHEME}${bundle.program.name}`;
    this.#workingDirectory = bundle.workingDirectory;
  }

  /** The same stack with the user's files and lines, ending with the last line of the user's code if there is any. */
  map(stack: string): string {
    const lines = this.#named(stack).split("\n");
    const lastOfUser = lines.findLastIndex((line) => line.includes(this.#userScript));
    const relevant =
      lastOfUser === -1 ? lines.filter((line) => !isHostFrame(line)) : withoutHost(lines.slice(0, lastOfUser + 1));
    return relevant.map((line) => this.#mapLine(line)).join("\n");
  }

  /** Text of a file that {@link map} named, if it is still there. */
  readSource(file: string): string | undefined {
    if (this.#workingDirectory === undefined || !this.#isSource(file)) return undefined;
    try {
      return readFileSync(resolve(this.#workingDirectory, file), "utf8");
    } catch {
      return undefined;
    }
  }

  /** The stack with the names that scripts have here, where tools know them by others. */
  #named(stack: string): string {
    let named = stack;
    for (const { name, url } of this.#scripts.values()) {
      if (url !== undefined) named = named.replaceAll(url, `${SCRIPT_SCHEME}${name}`);
    }
    return named;
  }

  #isSource(file: string): boolean {
    for (const name of this.#scripts.keys()) {
      if (this.#mapOf(name)?.payload.sources.includes(file) === true) return true;
    }
    return false;
  }

  #mapLine(line: string): string {
    return line.replaceAll(POSITION, (position, name: string, row: string, column: string) => {
      const map = this.#mapOf(name);
      if (map === undefined) return position;
      const entry = map.findEntry(Number(row) - 1, Number(column) - 1);
      if (!("originalSource" in entry) || entry.originalSource === undefined) return position;
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  #mapOf(name: string): SourceMap | undefined {
    const known = this.#maps.get(name);
    const script = this.#scripts.get(name);
    if (known !== undefined || script === undefined || script.map === "") return known;
    const map = new SourceMap(JSON.parse(script.map) as SourceMapPayload);
    this.#maps.set(name, map);
    return map;
  }
}

/**
 * Without what called into the realm, which stands between the code that ran and the code that waited for it. It says
 * nothing to the user, and would differ between a first run and a replay.
 */
function withoutHost(lines: readonly string[]): readonly string[] {
  let isHost = false;
  return lines.filter((line) => {
    if (DOOR.test(line)) isHost = true;
    else if (isHost && (ASYNC_FRAME.test(line) || line.includes(SCRIPT_SCHEME))) isHost = false;
    return !isHost;
  });
}

function isHostFrame(line: string): boolean {
  return /^\s+at .*(\(node:|node:internal|\bfile:\/\/|realm\.[jt]s)/.test(line);
}
