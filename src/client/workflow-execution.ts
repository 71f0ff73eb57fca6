import type { Priority } from "../core/options/priority.ts";
import { fromPriorityMessage } from "../core/options/priority.ts";
import { toMs } from "../core/replay/proto-time.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { Timestamp } from "../proto/gen/google/protobuf.ts";
import { WorkflowExecutionInfo } from "../proto/gen/workflow.ts";
import type { DescribeWorkflowExecutionResponse } from "../proto/gen/workflowservice.ts";
import type { WorkflowExecutionStatus } from "./client-enums.ts";
import { toStatus } from "./client-enums.ts";

/** A run of a workflow as lists show it. */
export class WorkflowExecution {
  readonly id: string;
  readonly runId: string;
  readonly namespace: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  /** `undefined` if the service knows one that this SDK does not. */
  readonly status: WorkflowExecutionStatus | undefined;
  readonly startTime: Date | undefined;
  /** When it ran or will run first: later than its start with a start delay or a cron schedule. */
  readonly executionTime: Date | undefined;
  /** `undefined` while it is open. */
  readonly closeTime: Date | undefined;
  /** Events in its history; known of closed workflows only. */
  readonly historyLength: number;
  /** Workflow that started it as a child, if one did. */
  readonly parent: WorkflowExecutionRef | undefined;
  /** Workflow at the top of the tree of children that it is in, itself perhaps. */
  readonly root: WorkflowExecutionRef | undefined;
  readonly searchAttributes: TypedSearchAttributes;
  readonly priority: Priority;
  /** What the service said. */
  readonly rawInfo: WorkflowExecutionInfo;
  protected readonly dataConverter: DataConverter;

  constructor(info: WorkflowExecutionInfo, namespace: string, dataConverter: DataConverter) {
    this.id = info.execution?.workflowId ?? "";
    this.runId = info.execution?.runId ?? "";
    this.namespace = namespace;
    this.workflowType = info.type?.name ?? "";
    this.taskQueue = info.taskQueue;
    this.status = toStatus(info.status);
    this.startTime = toDate(info.startTime);
    this.executionTime = toDate(info.executionTime);
    this.closeTime = toDate(info.closeTime);
    this.historyLength = info.historyLength;
    this.parent = toRef(info.parentExecution);
    this.root = toRef(info.rootExecution);
    this.searchAttributes = decodeSearchAttributes(info.searchAttributes);
    this.priority = fromPriorityMessage(info.priority);
    this.rawInfo = info;
    this.dataConverter = dataConverter.withContext({
      kind: "workflow",
      namespace,
      workflowId: this.id,
    });
  }

  /** The memo's values. */
  memo(): Promise<Record<string, unknown>> {
    return this.dataConverter.decodeFields(this.rawInfo.memo?.fields ?? {});
  }

  /** One value of the memo; `undefined` if there is none. */
  async memoValue(key: string): Promise<unknown> {
    const fields = this.rawInfo.memo?.fields ?? {};
    const payload = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return payload === undefined ? undefined : decodeOne(this.dataConverter, payload);
  }
}

/** A workflow by its ids. */
export interface WorkflowExecutionRef {
  readonly workflowId: string;
  readonly runId: string;
}

/** A run of a workflow with all that the service tells of it. */
export class WorkflowExecutionDescription extends WorkflowExecution {
  /** What the service said. */
  readonly raw: DescribeWorkflowExecutionResponse;

  constructor(description: DescribeWorkflowExecutionResponse, namespace: string, dataConverter: DataConverter) {
    super(description.workflowExecutionInfo ?? WorkflowExecutionInfo.create(), namespace, dataConverter);
    this.raw = description;
  }

  /** One line about it, given when it was started. */
  staticSummary(): Promise<string | undefined> {
    return this.#text(this.raw.executionConfig?.userMetadata?.summary);
  }

  /** More about it, given when it was started. */
  staticDetails(): Promise<string | undefined> {
    return this.#text(this.raw.executionConfig?.userMetadata?.details);
  }

  async #text(payload: Payload | undefined): Promise<string | undefined> {
    const text = payload === undefined ? undefined : await decodeOne(this.dataConverter, payload);
    return typeof text === "string" ? text : undefined;
  }
}

async function decodeOne(converter: DataConverter, payload: Payload): Promise<unknown> {
  return (await converter.decode([payload]))[0];
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : new Date(toMs(timestamp));
}

function toRef(execution: WorkflowExecutionRef | undefined): WorkflowExecutionRef | undefined {
  if (execution === undefined) return undefined;
  return { workflowId: execution.workflowId, runId: execution.runId };
}
