import { SDK_VERSION } from "../../core/sdk-version.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { EnhancedStackTrace, type StackTraceFileLocation, WorkflowMetadata } from "../../proto/gen/sdk.ts";
import { toJsonProtobufPayload } from "../../payload/protobuf-converters.ts";
import { protobufTypeOf } from "../../payload/protobuf-type.ts";
import type { HandlerSet } from "./handler-set.ts";
import type { Run } from "./run.ts";
import { toPayload } from "./top-level.ts";
import { traceText } from "./trace.ts";

const SDK_NAME = "perdure";
const stackTraceType = protobufTypeOf(EnhancedStackTrace);
const metadataType = protobufTypeOf(WorkflowMetadata);

/** Queries that every workflow answers. */
export const systemQueries: ReadonlyMap<string, (run: Run) => Payload> = new Map([
  ["__stack_trace", (run: Run) => toPayload(run, listStacks(run).join("\n\n"))],
  ["__enhanced_stack_trace", (run: Run) => toJsonProtobufPayload(stackTraceType, enhancedStackTrace(run))],
  ["__temporal_workflow_metadata", (run: Run) => toJsonProtobufPayload(metadataType, workflowMetadata(run))],
]);

/** Where the workflow waits: one stack for each thing that is under way, in the user's files. */
function listStacks(run: Run): string[] {
  const tables = [
    run.timers,
    run.activities,
    run.children,
    run.externalSignals,
    run.externalCancels,
    run.nexusOperations,
  ];
  const traces = tables.flatMap((table) => [...table.values()].map(({ trace }) => trace));
  traces.push(...[...run.conditions.values()].map(({ operation }) => operation.trace));
  return traces.map((trace) => run.host.mapStack(traceText(trace))).filter((text) => text !== "");
}

function enhancedStackTrace(run: Run): EnhancedStackTrace {
  const stacks = listStacks(run).map((text) => ({ locations: text.split("\n").flatMap(toLocation) }));
  const paths = new Set(stacks.flatMap(({ locations }) => locations.map(({ filePath }) => filePath)));
  const sources = [...paths].flatMap((path) => {
    const content = run.host.readSource?.(path);
    return content === undefined ? [] : [[path, { lineOffset: 0, content }] as const];
  });
  return { sdk: { name: SDK_NAME, version: SDK_VERSION }, stacks, sources: Object.fromEntries(sources) };
}

function toLocation(line: string): StackTraceFileLocation[] {
  const frame = /^\s*at (?:(.*) \()?(.+?):(\d+):(\d+)\)?$/.exec(line);
  if (frame === null) return [];
  const [, functionName = "", filePath = "", lineNumber, column] = frame;
  return [{ filePath, line: Number(lineNumber), column: Number(column), functionName, internalCode: false }];
}

function workflowMetadata(run: Run): WorkflowMetadata {
  const definitions = (handlers: HandlerSet): { name: string; description: string }[] =>
    handlers.all().map(({ name, description }) => ({ name: name ?? "", description: description ?? "" }));
  const queryDefinitions = [
    ...definitions(run.queries),
    ...[...systemQueries.keys()].map((name) => ({ name, description: "" })),
  ];
  return {
    definition: {
      type: run.init.workflowType,
      queryDefinitions: queryDefinitions.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      signalDefinitions: definitions(run.signals),
      updateDefinitions: definitions(run.updates),
    },
    currentDetails: run.currentDetails,
  };
}
