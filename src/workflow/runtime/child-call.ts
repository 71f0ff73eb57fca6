import { enumNames } from "../../core/options/enum-names.ts";
import type { ChildStartResolution, Resolution, StartChildWorkflow } from "../../core/replay/activation.ts";
import { toWorkflowIDReuseCode } from "../../core/options/id-policies.ts";
import { toPriorityMessage } from "../../core/options/priority.ts";
import { toRetryPolicyMessage } from "../../core/options/retry-policy.ts";
import { toVersioningOverrideMessage } from "../../core/options/versioning.ts";
import { InvalidVersioningOverrideError, WorkflowAlreadyStartedError } from "../../payload/already-started-error.ts";
import type { CancelledError } from "../../payload/failure-error.ts";
import { encodeSearchAttributes } from "../../payload/search-attribute-codec.ts";
import { inContext, type SerializationContext } from "../../payload/serialization-context.ts";
import { ParentClosePolicy as ParentClosePolicyCode } from "../../proto/gen/enums.ts";
import { ParentClosePolicy, type StartChildWorkflowInput } from "../child-workflow-options.ts";
import { settle } from "./activity-call.ts";
import { keepsBuildId, toFields, toOptionalMs } from "./continue-as-new.ts";
import { fromFailure, workflowContext } from "./failures.ts";
import { Operation } from "./operation.ts";
import type { PendingChild } from "./pending.ts";
import type { Run } from "./run.ts";
import type { Cancellable, Scope } from "./scope.ts";
import { toUserMetadata } from "./user-metadata.ts";

const parentClosePolicyCodes = enumNames(ParentClosePolicy, ParentClosePolicyCode);

/** A child workflow from its command to its end. It is cancelled as one, whether or not it has started. */
export class ChildCall implements PendingChild, Cancellable {
  /** Ends with the id of the child's first run. */
  readonly start = new Operation<string>(undefined);
  readonly result = new Operation<unknown>(undefined);
  readonly workflowId: string;
  readonly #run: Run;
  readonly #scope: Scope;
  readonly #seq: number;
  readonly #context: SerializationContext;
  readonly #readResult: ((value: unknown) => unknown) | undefined;
  #isCancelRequested = false;

  /** @param readResult For a child given by its class, with a schema of its result. */
  constructor(run: Run, scope: Scope, input: StartChildWorkflowInput, readResult?: (value: unknown) => unknown) {
    this.#readResult = readResult;
    this.#run = run;
    this.#scope = scope;
    this.workflowId = input.id;
    this.#context = workflowContext(run, input.id);
    const command = toCommand(run, input, this.#context);
    this.#seq = run.children.next();
    run.push({ kind: "startChildWorkflow", seq: this.#seq, child: command });
    run.children.set(this.#seq, this);
    scope.add(this);
  }

  get trace(): PendingChild["trace"] {
    return this.start.trace;
  }

  cancel(error: CancelledError): void {
    this.requestCancel("");
    // A workflow that is to end does not wait for what it has only just asked for.
    if (this.#run.cancelReason !== undefined) this.start.fail(error);
  }

  /** Asks for the cancellation; how the child ends is for the service to say. */
  requestCancel(reason: string): void {
    if (this.result.isEnded || this.#isCancelRequested) return;
    this.#isCancelRequested = true;
    this.#run.push({ kind: "cancelChildWorkflow", seq: this.#seq, reason });
  }

  resolveStart(result: ChildStartResolution): void {
    switch (result.status) {
      case "started":
        return this.start.complete(result.runId);
      case "alreadyExists":
        return this.#failStart(new WorkflowAlreadyStartedError(result.workflowId, result.workflowType));
      case "invalidVersioningOverride":
        return this.#failStart(new InvalidVersioningOverrideError());
      case "cancelled":
        return this.#failStart(fromFailure(this.#run, result.failure, this.#context));
    }
  }

  resolve(result: Resolution): void {
    this.#scope.remove(this);
    settle(this.#run, this.result, result, this.#context, this.#readResult);
  }

  #failStart(error: Error): void {
    this.#scope.remove(this);
    this.start.fail(error);
    this.result.fail(error);
  }
}

function toCommand(
  run: Run,
  { workflow, args, id, options, headers }: StartChildWorkflowInput,
  context: SerializationContext,
): StartChildWorkflow {
  const converter = inContext(run.settings.payloadConverter, context);
  const { retryPolicy, searchAttributes, priority, versioningOverride } = options;
  return {
    namespace: run.init.namespace,
    workflowId: id,
    workflowType: workflow,
    taskQueue: options.taskQueue ?? run.init.taskQueue,
    input: converter.toPayloads(args),
    headers,
    executionTimeoutMs: toOptionalMs(options.executionTimeout),
    runTimeoutMs: toOptionalMs(options.runTimeout),
    taskTimeoutMs: toOptionalMs(options.taskTimeout),
    parentClosePolicy: parentClosePolicyCodes.toCode(options.parentClosePolicy ?? "terminate"),
    workflowIdReusePolicy: toWorkflowIDReuseCode(options.idReusePolicy ?? "allowDuplicate"),
    retryPolicy: retryPolicy === undefined ? undefined : toRetryPolicyMessage(retryPolicy),
    cronSchedule: options.cronSchedule ?? "",
    memo: toFields(converter, options.memo ?? {}),
    searchAttributes: searchAttributes === undefined ? undefined : encodeSearchAttributes(searchAttributes),
    cancellationType: options.cancellationType ?? "waitCancellationCompleted",
    inheritBuildId: keepsBuildId(run, options.versioningIntent, options.taskQueue),
    priority: priority === undefined ? undefined : toPriorityMessage(priority),
    versioningOverride: versioningOverride && toVersioningOverrideMessage(versioningOverride),
    userMetadata: toUserMetadata(converter, options.staticSummary, options.staticDetails),
  };
}
