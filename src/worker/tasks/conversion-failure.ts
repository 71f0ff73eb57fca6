import { newApplicationFailure } from "../../core/replay/failures.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { CommandType } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import {
  RespondWorkflowTaskCompletedRequest,
  type PollWorkflowTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import type { WorkerIdentity } from "../worker-service.ts";
import type { WorkflowTaskAnswer } from "./workflow-processor.ts";
import { failedAnswer } from "./workflow-task-answer.ts";

/**
 * The answer to a task whose payloads codec or external storage could not convert: the task fails and is tried again;
 * after a non-retryable `ApplicationError` the workflow fails.
 */
export function conversionFailedAnswer(
  self: WorkerIdentity,
  task: PollWorkflowTaskQueueResponse,
  converter: DataConverter,
  error: unknown,
): WorkflowTaskAnswer {
  const failure = toFailure(converter, error);
  const isFinal = error instanceof ApplicationError && error.nonRetryable;
  if (!isFinal || task.query !== undefined) return failedAnswer(self, task, failure);
  const { taskToken, attempt } = task;
  const { namespace, identity, instanceKey, buildId, deployment } = self;
  const body = RespondWorkflowTaskCompletedRequest.encode({
    taskToken,
    commands: [
      {
        commandType: CommandType.FAIL_WORKFLOW_EXECUTION,
        attributes: { case: "failWorkflowExecutionCommandAttributes", value: { failure } },
      },
    ],
    identity,
    namespace,
    workerVersionStamp: { buildId, useVersioning: false },
    deploymentOptions: deployment,
    workerInstanceKey: instanceKey,
  });
  const workflowType = task.workflowType?.name ?? "";
  return { kind: "complete", body, eagerActivities: 0, attempt, taskToken, workflowType };
}

function toFailure(converter: DataConverter, error: unknown): Failure {
  try {
    return converter.failureConverter.toFailure(error, converter.payloadConverter);
  } catch {
    const message = error instanceof Error ? error.message : String(error);
    return newApplicationFailure(`Payloads could not be converted: ${message}`, "PayloadConversion");
  }
}
