import { formatWithOptions } from "node:util";
import { vi } from "vitest";

/** What `console.log` is given while the code runs, as lines that do not depend on the terminal. */
export async function captureLog(code: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
    lines.push(formatWithOptions({ breakLength: Infinity, compact: 10 }, ...values));
  });
  try {
    await code();
  } finally {
    log.mockRestore();
  }
  return lines;
}
