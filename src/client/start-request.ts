import { toWorkflowIDConflictCode, toWorkflowIDReuseCode } from "../core/options/id-policies.ts";
import { toPriorityMessage } from "../core/options/priority.ts";
import { toRetryPolicyMessage } from "../core/options/retry-policy.ts";
import { toVersioningOverrideMessage } from "../core/options/versioning.ts";
import { fromMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { UserMetadata } from "../proto/gen/sdk.ts";
import type { Duration as DurationMessage } from "../proto/gen/google/protobuf.ts";
import type {
  SignalWithStartWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
} from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs, encodeHeaders, newRequestId } from "./calls-context.ts";
import type { Headers } from "./call-parts.ts";
import type { WorkflowOptions } from "./start-options.ts";

/** A workflow to start. */
export interface WorkflowStart {
  readonly workflowType: string;
  readonly args: readonly unknown[];
  readonly options: WorkflowOptions;
  readonly headers: Headers;
}

/** The fields that a start and a start with a signal have in common. */
type SharedStartFields = Pick<
  Init<StartWorkflowExecutionRequest>,
  keyof StartWorkflowExecutionRequest & keyof SignalWithStartWorkflowExecutionRequest
>;

/** A start as a request, without what only some starts have. */
export async function toStartFields(context: CallsContext, start: WorkflowStart): Promise<SharedStartFields> {
  const { options, args, workflowType, headers } = start;
  const converter = converterFor(context, options.id, { type: workflowType });
  return {
    namespace: context.namespace,
    identity: context.identity,
    workflowId: options.id,
    requestId: options.requestId ?? newRequestId(context),
    workflowType: { name: workflowType },
    taskQueue: { name: options.taskQueue },
    input: await encodeArgs(converter, args),
    workflowExecutionTimeout: toTimeout(options.executionTimeout),
    workflowRunTimeout: toTimeout(options.runTimeout),
    workflowTaskTimeout: toTimeout(options.taskTimeout),
    workflowStartDelay: toTimeout(options.startDelay),
    workflowIdReusePolicy: toWorkflowIDReuseCode(options.idReusePolicy ?? "allowDuplicate"),
    workflowIdConflictPolicy: toWorkflowIDConflictCode(options.idConflictPolicy ?? "unspecified"),
    retryPolicy: mapped(options.retryPolicy, toRetryPolicyMessage),
    cronSchedule: options.cronSchedule ?? "",
    memo: await mapped(options.memo, async (memo) => ({
      fields: await converter.encodeFields(memo),
    })),
    searchAttributes: mapped(options.searchAttributes, encodeSearchAttributes),
    userMetadata: await toUserMetadata(converter, options),
    header: await encodeHeaders(context, headers),
    priority: mapped(options.priority, toPriorityMessage),
    versioningOverride: mapped(options.versioningOverride, toVersioningOverrideMessage),
    links: options.links ?? [],
    timeSkippingConfig: options.timeSkipping,
  };
}

/** What people shall read about a workflow, as a message. */
export async function toUserMetadata(
  converter: DataConverter,
  texts: Pick<WorkflowOptions, "staticSummary" | "staticDetails">,
): Promise<Init<UserMetadata> | undefined> {
  const { staticSummary, staticDetails } = texts;
  if (staticSummary === undefined && staticDetails === undefined) return undefined;
  const encode = async (text: string): Promise<NonNullable<Init<UserMetadata>["summary"]>> => {
    const [payload] = await converter.encode([text]);
    return payload ?? {};
  };
  return {
    summary: await mapped(staticSummary, encode),
    details: await mapped(staticDetails, encode),
  };
}

function toTimeout(duration: Duration | undefined): DurationMessage | undefined {
  return mapped(duration, (given) => fromMs(toDurationMs(given)));
}

function mapped<T, R>(value: T | undefined, map: (value: T) => R): R | undefined {
  return value === undefined ? undefined : map(value);
}
