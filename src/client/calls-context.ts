import type { DataConverter } from "../payload/data-converter.ts";
import type { Header, Payloads } from "../proto/gen/common.ts";
import type { Init } from "../proto/message.ts";
import type { HeaderCodecBehavior } from "./client-enums.ts";
import type { Connection } from "./connection.ts";
import type { Headers, WorkflowTarget } from "./call-parts.ts";

/** What the calls of one client have in common. */
export interface CallsContext {
  readonly connection: Connection;
  readonly namespace: string;
  readonly identity: string;
  readonly dataConverter: DataConverter;
  readonly headerCodecBehavior: HeaderCodecBehavior;
}

/** The data converter for the payloads of a workflow. @param known More of the workflow, for external storage. */
export function converterFor(
  context: CallsContext,
  workflowId: string,
  known: { readonly runId?: string | undefined; readonly type?: string | undefined } = {},
): DataConverter {
  const { dataConverter, namespace } = context;
  const { runId, type } = known;
  return dataConverter
    .withContext({ kind: "workflow", namespace, workflowId })
    .forTarget({ kind: "workflow", namespace, id: workflowId, runId: runId || undefined, type });
}

/** Values as payloads; without values there is no message. */
export async function encodeArgs(
  converter: DataConverter,
  args: readonly unknown[],
): Promise<Init<Payloads> | undefined> {
  return args.length === 0 ? undefined : { payloads: await converter.encode(args) };
}

/** Headers of interceptors as a message. */
export async function encodeHeaders(context: CallsContext, headers: Headers): Promise<Init<Header> | undefined> {
  const entries = Object.entries(headers);
  if (entries.length === 0) return undefined;
  if (context.headerCodecBehavior !== "codec") return { fields: headers };
  const encoded = entries.map(async ([key, payload]) => {
    return [key, (await context.dataConverter.encodePayloads([payload]))[0]] as const;
  });
  return { fields: Object.fromEntries(await Promise.all(encoded)) };
}

/** The first of some payloads as a value, as results are read; without payloads `undefined`. */
export async function decodeResult(converter: DataConverter, payloads: Payloads | undefined): Promise<unknown> {
  return (await converter.decode(payloads?.payloads ?? []))[0];
}

/** A target as a message. */
export function toExecution(target: WorkflowTarget): { workflowId: string; runId: string } {
  return { workflowId: target.workflowId, runId: target.runId ?? "" };
}

/** An id that makes tries of the same call one call. */
export function newRequestId({ connection }: Pick<CallsContext, "connection">): string {
  return connection.newId();
}
