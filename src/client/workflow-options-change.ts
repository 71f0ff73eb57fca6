import type { Priority } from "../core/options/priority.ts";
import { fromPriorityMessage, toPriorityMessage } from "../core/options/priority.ts";
import type { VersioningOverride } from "../core/options/versioning.ts";
import { fromVersioningOverrideMessage, toVersioningOverrideMessage } from "../core/options/versioning.ts";
import type { FieldMask } from "../proto/gen/google/protobuf.ts";
import type { WorkflowExecutionOptions as OptionsMessage } from "../proto/gen/workflow.ts";
import type { Init } from "../proto/message.ts";

/** Options that can be changed while a workflow runs. What is left out stays; `null` takes the option away. */
export interface WorkflowOptionsChange {
  readonly versioningOverride?: VersioningOverride | null | undefined;
  readonly priority?: Priority | null | undefined;
}

/** Options of a running workflow. */
export interface WorkflowExecutionOptions {
  /** `undefined` if there is none. */
  readonly versioningOverride: VersioningOverride | undefined;
  /** `undefined` if there is none. */
  readonly priority: Priority | undefined;
}

/** A change as the service takes it. */
export interface OptionsChangeMessage {
  readonly workflowExecutionOptions: Init<OptionsMessage>;
  readonly updateMask: Init<FieldMask>;
}

/** A change as a message. */
export function toOptionsChangeMessage({ versioningOverride, priority }: WorkflowOptionsChange): OptionsChangeMessage {
  const paths: string[] = [];
  if (versioningOverride !== undefined) paths.push("versioning_override");
  if (priority !== undefined) paths.push("priority");
  return {
    updateMask: { paths },
    workflowExecutionOptions: {
      versioningOverride: isGiven(versioningOverride) ? toVersioningOverrideMessage(versioningOverride) : undefined,
      priority: isGiven(priority) ? toPriorityMessage(priority) : undefined,
    },
  };
}

/** The options of a message. */
export function fromOptionsMessage(message: OptionsMessage | undefined): WorkflowExecutionOptions {
  const { versioningOverride, priority } = message ?? {};
  return {
    versioningOverride: versioningOverride && fromVersioningOverrideMessage(versioningOverride),
    priority: priority && fromPriorityMessage(priority),
  };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
