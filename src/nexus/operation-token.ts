import { TemporalError } from "../core/errors.ts";
import { utf8Bytes, utf8Text } from "../core/text/utf8.ts";
import { fromBase64, toBase64 } from "../proto/base64.ts";

/** Kinds of what an operation token names, as every SDK writes them. */
const codes = { workflow: 1, activity: 2, update: 3 } as const;

/** What backs a Nexus operation: the token that callers hold names it. */
export type OperationTarget =
  | { readonly kind: "workflow"; readonly namespace: string; readonly workflowId: string }
  | {
      readonly kind: "activity";
      readonly namespace: string;
      readonly activityId: string;
      readonly runId?: string | undefined;
    }
  | {
      readonly kind: "update";
      readonly namespace: string;
      readonly workflowId: string;
      readonly updateId: string;
      readonly runId?: string | undefined;
    };

/** A Nexus operation's token cannot be read. */
export class OperationTokenError extends TemporalError {
  static override readonly code: string = "TEMPORAL_OPERATION_TOKEN";
  override readonly name = "OperationTokenError";
}

/** Writes a token that every SDK can read. */
export function toOperationToken(target: OperationTarget): string {
  const fields: Record<string, unknown> = { t: codes[target.kind], ns: target.namespace };
  if (target.kind !== "activity") fields["wid"] = target.workflowId;
  if (target.kind === "activity") fields["aid"] = target.activityId;
  if (target.kind !== "workflow" && target.runId !== undefined) fields["rid"] = target.runId;
  if (target.kind === "update") fields["uid"] = target.updateId;
  return toBase64(utf8Bytes(JSON.stringify(fields)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/**
 * Reads a token of any SDK.
 *
 * @throws {OperationTokenError} If it is none, or of a newer version.
 */
export function fromOperationToken(token: string): OperationTarget {
  const fields = readFields(token);
  const version = fields["v"];
  if (version !== undefined && version !== null && version !== 0)
    throw unreadable(`field "v" is ${JSON.stringify(version)}, expected 0 or none`);
  const namespace = text(fields, "ns");
  const runId = optionalText(fields, "rid");
  switch (fields["t"]) {
    case codes.workflow:
      return { kind: "workflow", namespace, workflowId: filledText(fields, "wid") };
    case codes.activity:
      return { kind: "activity", namespace, activityId: filledText(fields, "aid"), runId };
    case codes.update:
      return {
        kind: "update",
        namespace,
        workflowId: filledText(fields, "wid"),
        updateId: filledText(fields, "uid"),
        runId,
      };
    default:
      throw unreadable(`field "t" is ${JSON.stringify(fields["t"])}, expected 1, 2 or 3`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function readFields(token: string): Fields {
  if (token === "") throw unreadable("it is empty");
  const bytes = /^[\w-]+$/.test(token) ? fromBase64(token) : undefined;
  if (bytes === undefined) throw unreadable("it is no URL-safe base64");
  let fields: unknown;
  try {
    fields = JSON.parse(utf8Text(bytes));
  } catch {
    throw unreadable("it holds no JSON");
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    throw unreadable("it holds no JSON object");
  return fields as Fields;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw unreadable(`field "${name}" is a ${typeof value}, expected a string`);
}

function text(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value === undefined) throw unreadable(`field "${name}" is missing, expected a string`);
  return value;
}

function filledText(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (value === "") throw unreadable(`field "${name}" is empty, expected an id`);
  return value;
}

function unreadable(found: string): OperationTokenError {
  return new OperationTokenError(`Cannot read operation token: ${found}`);
}
