import type { Priority } from "../core/options/priority.ts";
import { fromPriorityMessage, toPriorityMessage } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import { fromRetryPolicyMessage, toRetryPolicyMessage } from "../core/options/retry-policy.ts";
import type { VersioningOverride } from "../core/options/versioning.ts";
import { fromVersioningOverrideMessage, toVersioningOverrideMessage } from "../core/options/versioning.ts";
import { fromMs, toTimeoutMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import { decodeSearchAttributes, encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { SearchAttributePair } from "../payload/search-attributes.ts";
import type { Payload, SearchAttributes } from "../proto/gen/common.ts";
import type { Duration as DurationMessage } from "../proto/gen/google/protobuf.ts";
import type { UserMetadata } from "../proto/gen/sdk.ts";
import type { NewWorkflowExecutionInfo } from "../proto/gen/workflow.ts";
import type { Init } from "../proto/message.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs } from "../workflow/types.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeHeaders } from "./calls-context.ts";
import type { UntypedWorkflow } from "./handle-types.ts";
import { encodeOrKeep, encodeOrKeepAll, encodeOrKeepFields, StoredValue } from "./stored-value.ts";
import { nameWorkflow } from "./workflow-type.ts";

/** How the workflows of a schedule are started. What a description gives here is as the service keeps it. */
export interface ScheduledWorkflowOptions {
  /** What workflows are called by; the time they are started for is appended. */
  readonly id: string;
  /** Workers that poll this queue run them. */
  readonly taskQueue: string;
  /** Longest time a workflow may take, all runs together. @default no limit */
  readonly executionTimeout?: Duration | undefined;
  /** Longest time a single run may take. @default no limit */
  readonly runTimeout?: Duration | undefined;
  /** Longest time a worker may take for one task. @default "10s" */
  readonly taskTimeout?: Duration | undefined;
  /** How a workflow is tried again when it fails. @default not at all */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Values kept with each workflow; {@link StoredValue}s in a description. */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes by which the workflows can be found. */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
  /** Search attributes of a description whose types the service did not tell. They go back as they are. */
  readonly untypedSearchAttributes?: Readonly<Record<string, Payload>> | undefined;
  /** One line about each workflow for people, in Markdown; a {@link StoredValue} in a description. */
  readonly staticSummary?: string | StoredValue | undefined;
  /** More about each workflow for people, in Markdown; a {@link StoredValue} in a description. */
  readonly staticDetails?: string | StoredValue | undefined;
  /** Which of the tasks that wait in a queue goes first. */
  readonly priority?: Priority | undefined;
  /** Overrules which version of the workers' code runs the workflows. */
  readonly versioningOverride?: VersioningOverride | undefined;
  /** Payloads for interceptors on the other side; {@link StoredValue}s in a description. */
  readonly headers?: Readonly<Record<string, Payload | StoredValue>> | undefined;
}

/** What schedules do: they start a workflow. */
export class ScheduleActionStartWorkflow<I extends Instance = UntypedWorkflow> {
  /** The workflow's type on the wire. */
  readonly workflow: string;
  /** Its arguments; {@link StoredValue}s in a description. */
  readonly args: readonly unknown[];
  readonly options: ScheduledWorkflowOptions;

  /** @param workflow The workflow's class, or its name. */
  constructor(
    workflow: ClassOf<I> | string,
    options: ScheduledWorkflowOptions &
      (I extends UntypedWorkflow ? { readonly args?: readonly unknown[] } : WithArgs<WorkflowArgs<I>>),
  ) {
    const { args = [], ...others } = options;
    this.workflow = nameWorkflow(workflow).workflowType;
    this.args = args;
    this.options = others;
  }

  /** A copy with other options. */
  with(
    changes: Partial<ScheduledWorkflowOptions> & { readonly args?: readonly unknown[] },
  ): ScheduleActionStartWorkflow {
    return new ScheduleActionStartWorkflow(this.workflow, { args: this.args, ...this.options, ...changes });
  }
}

/** An action as a message. */
export async function toActionMessage(
  context: CallsContext,
  { workflow, args, options }: Pick<ScheduleActionStartWorkflow, "workflow" | "args" | "options">,
): Promise<Init<NewWorkflowExecutionInfo>> {
  const converter = converterFor(context, options.id, { type: workflow });
  const { memo, priority, retryPolicy, versioningOverride } = options;
  return {
    workflowId: options.id,
    workflowType: { name: workflow },
    taskQueue: { name: options.taskQueue },
    input: args.length === 0 ? undefined : { payloads: await encodeOrKeepAll(converter, args) },
    workflowExecutionTimeout: toTimeout(options.executionTimeout),
    workflowRunTimeout: toTimeout(options.runTimeout),
    workflowTaskTimeout: toTimeout(options.taskTimeout),
    retryPolicy: retryPolicy && toRetryPolicyMessage(retryPolicy),
    memo: memo && { fields: await encodeOrKeepFields(converter, memo) },
    searchAttributes: toAttributes(options),
    userMetadata: await toMetadata(context, options),
    priority: priority && toPriorityMessage(priority),
    versioningOverride: versioningOverride && toVersioningOverrideMessage(versioningOverride),
    header: await toHeader(context, options.headers ?? {}),
  };
}

/** The action of a message. */
export function fromActionMessage(context: CallsContext, info: NewWorkflowExecutionInfo): ScheduleActionStartWorkflow {
  const converter = converterFor(context, info.workflowId);
  const stored = (payload: Payload): StoredValue => new StoredValue(payload, converter);
  const { memo, header, userMetadata, retryPolicy, priority, versioningOverride } = info;
  return new ScheduleActionStartWorkflow(info.workflowType?.name ?? "", {
    id: info.workflowId,
    taskQueue: info.taskQueue?.name ?? "",
    args: (info.input?.payloads ?? []).map(stored),
    executionTimeout: toTimeoutMs(info.workflowExecutionTimeout),
    runTimeout: toTimeoutMs(info.workflowRunTimeout),
    taskTimeout: toTimeoutMs(info.workflowTaskTimeout),
    retryPolicy: retryPolicy && fromRetryPolicyMessage(retryPolicy),
    memo: mapFields(memo?.fields, stored),
    ...fromAttributes(info.searchAttributes),
    staticSummary: userMetadata?.summary && stored(userMetadata.summary),
    staticDetails: userMetadata?.details && stored(userMetadata.details),
    priority: priority && fromPriorityMessage(priority),
    versioningOverride: versioningOverride && fromVersioningOverrideMessage(versioningOverride),
    headers: mapFields(header?.fields, stored),
  });
}

function toTimeout(duration: Duration | undefined): Init<DurationMessage> | undefined {
  return duration === undefined ? undefined : fromMs(toDurationMs(duration));
}

function toAttributes(options: ScheduledWorkflowOptions): Init<SearchAttributes> | undefined {
  const { searchAttributes, untypedSearchAttributes = {} } = options;
  const typed = searchAttributes === undefined ? {} : encodeSearchAttributes(searchAttributes).indexedFields;
  const indexedFields = { ...untypedSearchAttributes, ...typed };
  return Object.keys(indexedFields).length === 0 ? undefined : { indexedFields };
}

function fromAttributes(
  message: SearchAttributes | undefined,
): Pick<ScheduledWorkflowOptions, "searchAttributes" | "untypedSearchAttributes"> {
  if (message === undefined) return {};
  const searchAttributes = decodeSearchAttributes(message);
  const typed = new Set(searchAttributes.pairs.map(({ key }) => key.name));
  const untyped = Object.entries(message.indexedFields).filter(([name]) => !typed.has(name));
  return { searchAttributes, untypedSearchAttributes: Object.fromEntries(untyped) };
}

async function toMetadata(
  context: CallsContext,
  { id, staticSummary, staticDetails }: ScheduledWorkflowOptions,
): Promise<Init<UserMetadata> | undefined> {
  if (staticSummary === undefined && staticDetails === undefined) return undefined;
  const converter = converterFor(context, id);
  return {
    summary: staticSummary === undefined ? undefined : await encodeOrKeep(converter, staticSummary),
    details: staticDetails === undefined ? undefined : await encodeOrKeep(converter, staticDetails),
  };
}

async function toHeader(
  context: CallsContext,
  headers: Readonly<Record<string, Payload | StoredValue>>,
): ReturnType<typeof encodeHeaders> {
  const kept: Record<string, Payload> = {};
  const fresh: Record<string, Payload> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value instanceof StoredValue) kept[name] = value.payload;
    else fresh[name] = value;
  }
  const encoded = await encodeHeaders(context, fresh);
  const fields = { ...kept, ...encoded?.fields };
  return Object.keys(fields).length === 0 ? undefined : { fields };
}

function mapFields<T>(
  fields: Readonly<Record<string, Payload>> | undefined,
  map: (payload: Payload) => T,
): Record<string, T> | undefined {
  const entries = Object.entries(fields ?? {});
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, value]) => [key, map(value)]));
}
