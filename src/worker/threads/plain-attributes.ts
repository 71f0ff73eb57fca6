import { inspect } from "node:util";
import type { LogAttributes } from "../../core/telemetry/logger.ts";

/** Attributes as they can be sent to another thread: what cannot be sent would take the line with it. */
export function toPlainAttributes(attributes: LogAttributes): LogAttributes {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) plain[name] = toPlain(value);
  return plain;
}

function toPlain(value: unknown): unknown {
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  try {
    return structuredClone(value);
  } catch {
    return inspect(value, { depth: 3 });
  }
}
