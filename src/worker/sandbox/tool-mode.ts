import { url } from "node:inspector";

/** Whether somebody debugs workflow code: `TEMPORAL_DEBUG` is set. */
export function isDebugging(): boolean {
  const value = process.env["TEMPORAL_DEBUG"] ?? "";
  return value !== "" && value !== "0" && value.toLowerCase() !== "false";
}

/** Whether a debugger listens to this process, or is meant to. */
export function isInspected(): boolean {
  return isDebugging() || url() !== undefined;
}

/**
 * Whether a tool measures which code runs: V8's own coverage, which c8 reads, or another that `PERDURE_COVERAGE` tells of,
 * as Vitest's.
 */
export function isMeasuringCoverage(): boolean {
  return (process.env["NODE_V8_COVERAGE"] ?? "") !== "" || (process.env["PERDURE_COVERAGE"] ?? "") !== "";
}
