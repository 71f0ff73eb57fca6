import {
  toWorkflowIDConflictCode,
  toWorkflowIDReuseCode,
  type WorkflowIDConflictPolicy,
} from "../core/options/id-policies.ts";
import { toPriorityMessage } from "../core/options/priority.ts";
import { toRetryPolicyMessage } from "../core/options/retry-policy.ts";
import { toVersioningOverrideMessage, type VersioningOverride } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import { RawValue } from "../payload/payload-converter.ts";
import { encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import { inContext } from "../payload/serialization-context.ts";
import type { ChildWorkflowOptions, SignalArgsOf, SignalNameOf } from "./child-workflow-options.ts";
import { definitionOf, wireNameOf, type WorkflowDefinition } from "./definition.ts";
import {
  getExternalWorkflowHandle,
  getExternalWorkflowHandleFor,
  type ExternalWorkflowHandle,
} from "./external-workflows.ts";
import { createNexusClient } from "./nexus-client.ts";
import { toFields, toOptionalMs } from "./runtime/continue-as-new.ts";
import { writableFrame } from "./runtime/current.ts";
import { workflowContext } from "./runtime/failures.ts";
import { toUserMetadata } from "./runtime/user-metadata.ts";
import {
  readSignalWithStartRunId,
  SIGNAL_WITH_START,
  SYSTEM_ENDPOINT,
  SYSTEM_SERVICE,
  toSignalWithStartPayload,
} from "./system-operation.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs } from "./types.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** How a workflow is signalled that is started if it does not run. */
export interface SignalWithStartWorkflowOptions extends Omit<
  ChildWorkflowOptions,
  "id" | "taskQueue" | "cancellationType" | "parentClosePolicy" | "versioningIntent"
> {
  readonly id: string;
  readonly taskQueue: string;
  /** What becomes of the start if a workflow of that id runs. @default "unspecified", which signals it */
  readonly idConflictPolicy?: WorkflowIDConflictPolicy;
  /** Time to wait before its first task. The signal does not end the wait. */
  readonly startDelay?: Duration;
  /** Overrules which version of the workers' code runs it. */
  readonly versioningOverride?: VersioningOverride;
}

/** `signalArgs` may be left out only where there are none. */
type WithSignalArgs<A extends readonly unknown[]> = A extends readonly []
  ? { readonly signalArgs?: Readonly<A> }
  : { readonly signalArgs: Readonly<A> };

interface AnyCall {
  readonly args?: readonly unknown[];
  readonly signal: string;
  readonly signalArgs?: readonly unknown[];
}

/**
 * Signals a workflow, and starts it first if it does not run.
 *
 * The service has to allow it; if it does not, the workflow's task fails with the service's reason.
 *
 * @param workflow Its class, whose signals then go by their methods' names; or its type's name.
 * @throws {NexusOperationError} If the service refuses.
 */
export function signalWithStartWorkflow<I extends Instance, K extends SignalNameOf<I>>(
  workflow: ClassOf<I>,
  options: SignalWithStartWorkflowOptions &
    WithArgs<WorkflowArgs<I>> & { readonly signal: K } & WithSignalArgs<SignalArgsOf<I, K>>,
): Promise<ExternalWorkflowHandle<I>>;
export function signalWithStartWorkflow(
  workflow: string,
  options: SignalWithStartWorkflowOptions & AnyCall,
): Promise<ExternalWorkflowHandle<never>>;
export async function signalWithStartWorkflow(
  workflow: string | ClassOf<Instance>,
  options: SignalWithStartWorkflowOptions & AnyCall,
): Promise<ExternalWorkflowHandle<never>> {
  const type = typeOf(workflow);
  const signal = type.definition === undefined ? options.signal : wireNameOf(type.definition, "signal", options.signal);
  const request = new RawValue(toRequest(type.name, signal, options));
  const client = createNexusClient({ endpoint: SYSTEM_ENDPOINT, service: SYSTEM_SERVICE });
  const answer = await client.executeOperation<RawValue>(SIGNAL_WITH_START, request);
  const runId = readSignalWithStartRunId(answer.payload);
  const run = runId === "" ? {} : { runId };
  return type.definition === undefined || typeof workflow === "string"
    ? getExternalWorkflowHandle(options.id, run)
    : (getExternalWorkflowHandleFor(workflow, options.id, run) as ExternalWorkflowHandle<never>);
}

function toRequest(workflowType: string, signalName: string, options: SignalWithStartWorkflowOptions & AnyCall) {
  const { run } = writableFrame("signal a workflow, starting it");
  const converter = inContext(run.settings.payloadConverter, workflowContext(run, options.id));
  const { retryPolicy, memo, searchAttributes, versioningOverride, priority } = options;
  return toSignalWithStartPayload({
    namespace: run.init.namespace,
    workflowId: options.id,
    workflowType,
    taskQueue: options.taskQueue,
    input: converter.toPayloads(options.args ?? []),
    signalName,
    signalInput: converter.toPayloads(options.signalArgs ?? []),
    executionTimeoutMs: toOptionalMs(options.executionTimeout),
    runTimeoutMs: toOptionalMs(options.runTimeout),
    taskTimeoutMs: toOptionalMs(options.taskTimeout),
    startDelayMs: toOptionalMs(options.startDelay),
    idReusePolicy: toWorkflowIDReuseCode(options.idReusePolicy ?? "allowDuplicate"),
    idConflictPolicy: toWorkflowIDConflictCode(options.idConflictPolicy ?? "unspecified"),
    retryPolicy: retryPolicy && toRetryPolicyMessage(retryPolicy),
    cronSchedule: options.cronSchedule ?? "",
    memo: memo && toFields(converter, memo),
    searchAttributes: searchAttributes && encodeSearchAttributes(searchAttributes),
    userMetadata: toUserMetadata(converter, options.staticSummary, options.staticDetails),
    versioningOverride: versioningOverride && toVersioningOverrideMessage(versioningOverride),
    priority: priority && toPriorityMessage(priority),
  });
}

function typeOf(workflow: string | ClassOf<Instance>): {
  readonly name: string;
  readonly definition: WorkflowDefinition | undefined;
} {
  if (typeof workflow === "string") return { name: workflow, definition: undefined };
  const definition = definitionOf(workflow);
  if (definition.name !== undefined) return { name: definition.name, definition };
  throw new WorkflowUsageError(
    `Cannot start workflow "${workflow.name}": it is dynamic, give the name of the type to run`,
  );
}
