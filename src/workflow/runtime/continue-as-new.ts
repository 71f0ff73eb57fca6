import type { WorkflowCommand } from "../../core/replay/activation.ts";
import { toRetryPolicyMessage } from "../../core/options/retry-policy.ts";
import { toContinueAsNewVersioningBehaviorCode } from "../../core/options/versioning.ts";
import { toDurationMs, type Duration } from "../../core/time/duration.ts";
import { encodeSearchAttributes } from "../../payload/search-attribute-codec.ts";
import { inContext } from "../../payload/serialization-context.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { PayloadConverter } from "../../payload/payload-converter.ts";
import type { VersioningIntent } from "../activity-options.ts";
import type { ContinueAsNewInput } from "../continue-as-new-options.ts";
import { workflowContext } from "./failures.ts";
import type { Run } from "./run.ts";

/** The command that ends a run for a new one. */
export function toContinueAsNewCommand(
  run: Run,
  { workflow, args, options, headers }: ContinueAsNewInput,
): WorkflowCommand {
  const converter = inContext(run.settings.payloadConverter, workflowContext(run));
  const { memo, searchAttributes, retryPolicy, initialVersioningBehavior } = options;
  return {
    kind: "continueAsNew",
    next: {
      workflowType: workflow ?? run.init.workflowType,
      taskQueue: options.taskQueue ?? run.init.taskQueue,
      arguments: converter.toPayloads(args),
      headers,
      runTimeoutMs: toOptionalMs(options.runTimeout),
      taskTimeoutMs: toOptionalMs(options.taskTimeout),
      backoffStartIntervalMs: toOptionalMs(options.backoffStartInterval),
      memo: memo === undefined ? undefined : toFields(converter, memo),
      searchAttributes: searchAttributes === undefined ? undefined : encodeSearchAttributes(searchAttributes),
      retryPolicy: retryPolicy === undefined ? undefined : toRetryPolicyMessage(retryPolicy),
      inheritBuildId: keepsBuildId(run, options.versioningIntent, options.taskQueue),
      initialVersioningBehavior:
        initialVersioningBehavior === undefined
          ? undefined
          : toContinueAsNewVersioningBehaviorCode(initialVersioningBehavior),
    },
  };
}

/** Milliseconds of a duration; absent stays absent. */
export function toOptionalMs(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : toDurationMs(duration);
}

/** Named values, each as a payload of its own. */
export function toFields(
  converter: PayloadConverter,
  fields: Readonly<Record<string, unknown>>,
): Record<string, Payload> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, converter.toPayload(value)]));
}

/** Whether a command goes to a worker with this one's build id: unless told otherwise, if it goes to the same task queue. */
export function keepsBuildId(run: Run, intent: VersioningIntent | undefined, taskQueue: string | undefined): boolean {
  return intent === undefined ? taskQueue === undefined || taskQueue === run.init.taskQueue : intent === "compatible";
}
