import { fromMs } from "../core/replay/proto-time.ts";
import { utf8Bytes } from "../core/text/utf8.ts";
import {
  Memo,
  Payloads,
  Priority,
  RetryPolicy,
  SearchAttributes,
  WorkflowType,
  type Payload,
} from "../proto/gen/common.ts";
import { Duration } from "../proto/gen/google/protobuf.ts";
import { UserMetadata } from "../proto/gen/sdk.ts";
import { TaskQueue } from "../proto/gen/taskqueue.ts";
import { VersioningOverride } from "../proto/gen/workflow.ts";
import type { Init, MessageType } from "../proto/message.ts";
import { Reader, Writer } from "../proto/wire.ts";

/** The service's own endpoint, for what a workflow asks of the service by a Nexus operation. */
export const SYSTEM_ENDPOINT = "__temporal_system";
/** The service as a Nexus service. */
export const SYSTEM_SERVICE = "temporal.api.workflowservice.v1.WorkflowService";
/** Its operation that signals a workflow, and starts it if need be. */
export const SIGNAL_WITH_START = "SignalWithStartWorkflowExecution";

/** Marks a payload that holds a message with payloads, which alone are the user's. */
export const SYSTEM_PAYLOAD_KEY = "__temporal_system_payload";

/** The fields of `SignalWithStartWorkflowExecutionRequest` that a workflow fills in. */
export interface SignalWithStartFields {
  readonly namespace: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  readonly signalName: string;
  readonly signalInput: readonly Payload[];
  readonly executionTimeoutMs: number | undefined;
  readonly runTimeoutMs: number | undefined;
  readonly taskTimeoutMs: number | undefined;
  readonly startDelayMs: number | undefined;
  readonly idReusePolicy: number;
  readonly idConflictPolicy: number;
  readonly retryPolicy: Init<RetryPolicy> | undefined;
  readonly cronSchedule: string;
  readonly memo: Readonly<Record<string, Payload>> | undefined;
  readonly searchAttributes: Init<SearchAttributes> | undefined;
  readonly userMetadata: Init<UserMetadata> | undefined;
  readonly versioningOverride: Init<VersioningOverride> | undefined;
  readonly priority: Init<Priority> | undefined;
}

/**
 * The request as the system endpoint takes it.
 *
 * Written by hand: the codec of the whole service is many times larger than all else that a realm loads.
 */
export function toSignalWithStartPayload(fields: SignalWithStartFields): Payload {
  const writer = new Writer();
  const text = (field: number, value: string): void => {
    if (value === "") return;
    writer.uint32((field << 3) | 2);
    writer.string(value);
  };
  const code = (field: number, value: number): void => {
    if (value === 0) return;
    writer.uint32(field << 3);
    writer.int32(value);
  };
  const message = <T>(field: number, type: MessageType<T & object>, value: Init<T & object> | undefined): void => {
    if (value === undefined) return;
    writer.uint32((field << 3) | 2);
    const at = writer.fork();
    type.write(writer, value);
    writer.join(at);
  };
  const time = (field: number, ms: number | undefined): void =>
    message(field, Duration, ms === undefined ? undefined : fromMs(ms));
  const list = (field: number, payloads: readonly Payload[]): void =>
    message(field, Payloads, payloads.length === 0 ? undefined : { payloads });
  text(1, fields.namespace);
  text(2, fields.workflowId);
  message(3, WorkflowType, { name: fields.workflowType });
  message(4, TaskQueue, { name: fields.taskQueue });
  list(5, fields.input);
  time(6, fields.executionTimeoutMs);
  time(7, fields.runTimeoutMs);
  time(8, fields.taskTimeoutMs);
  code(11, fields.idReusePolicy);
  code(22, fields.idConflictPolicy);
  text(12, fields.signalName);
  list(13, fields.signalInput);
  message(15, RetryPolicy, fields.retryPolicy);
  text(16, fields.cronSchedule);
  message(17, Memo, fields.memo && { fields: fields.memo });
  message(18, SearchAttributes, fields.searchAttributes);
  time(20, fields.startDelayMs);
  message(23, UserMetadata, fields.userMetadata);
  message(25, VersioningOverride, fields.versioningOverride);
  message(26, Priority, fields.priority);
  return {
    metadata: {
      encoding: utf8Bytes("binary/protobuf"),
      messageType: utf8Bytes("temporal.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest"),
      [SYSTEM_PAYLOAD_KEY]: utf8Bytes("true"),
    },
    data: writer.finish(),
    externalPayloads: [],
  };
}

/** The run id of the answer; empty if it tells none. */
export function readSignalWithStartRunId(answer: Payload | undefined): string {
  const RUN_ID_TAG = 10;
  const reader = new Reader(answer?.data ?? new Uint8Array());
  return reader.pos < reader.end && reader.uint32() === RUN_ID_TAG ? reader.string() : "";
}
