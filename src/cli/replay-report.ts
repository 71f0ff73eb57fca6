import type { NondeterminismDetails } from "../core/errors.ts";

/** How the replay of one history ended, for people and programs. */
export interface ReplayReportEntry {
  /** The file, or the service's address. */
  readonly source: string;
  readonly workflowType: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly events: number;
  /** `error` if the history could not be replayed at all, or the code threw what its history does not have. */
  readonly status: "ok" | "nondeterminism" | "error";
  /** The first difference. */
  readonly message?: string;
  readonly details?: NondeterminismDetails;
  /** Lines of the stacks at which workflow code waited. */
  readonly stack?: readonly string[];
}

/** How the replay of all histories ended. */
export interface ReplayReport {
  readonly replayed: number;
  readonly failed: number;
  readonly results: readonly ReplayReportEntry[];
}

/** Lines of stack that are shown to people. */
const STACK_LINES_MAX = 6;

export function toReport(results: readonly ReplayReportEntry[]): ReplayReport {
  return { replayed: results.length, failed: results.filter(({ status }) => status !== "ok").length, results };
}

/** The lines that tell of one history. */
export function entryLines(entry: ReplayReportEntry): readonly string[] {
  const { status, workflowType, workflowId, runId, events, message, stack = [] } = entry;
  const word = { ok: "ok  ", nondeterminism: "DIFF", error: "FAIL" }[status];
  const head = `${word}  ${workflowType}  ${workflowId}  ${runId}  ${events} events`;
  const indented = [...(message === undefined ? [] : message.split("\n")), ...stack.slice(0, STACK_LINES_MAX)];
  return [head, ...indented.map((line) => `      ${line.trim()}`)];
}

/** JUnit's XML, which CI systems read. */
export function toJUnit({ replayed, failed, results }: ReplayReport): string {
  const cases = results.map((entry) => {
    const { source, workflowType, workflowId, runId, status, message = "", stack = [] } = entry;
    const open = `  <testcase classname="${toXml(workflowType)}" name="${toXml(`${workflowId} ${runId}`)}" file="${toXml(source)}"`;
    if (status === "ok") return `${open}/>`;
    const text = toXml([message, ...stack].join("\n"));
    return `${open}>\n    <failure type="${status}" message="${toXml(message)}">${text}</failure>\n  </testcase>`;
  });
  const suite = `<testsuite name="replay" tests="${replayed}" failures="${failed}" errors="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suite}\n${cases.join("\n")}\n</testsuite>\n`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

function toXml(text: string): string {
  // What is not printable has no place in XML, not even escaped.
  return text.replace(/[^\P{Cc}\t\n\r]/gu, "\ufffd").replace(/[&<>"\n]/g, (char) => entities[char] ?? char);
}
