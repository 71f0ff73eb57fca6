import { ContinueAsNewInitiator } from "../../proto/gen/enums.ts";
import type { StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { cronBackoffMs } from "../schedule/cron.ts";
import type { StartOrigin } from "./contract.ts";
import { durationMs } from "./duration.ts";

/** Where a run begins that continues no other. */
export interface StartPlace {
  readonly namespace: string;
  readonly namespaceId: string;
  readonly runId: string;
  readonly parent?: StartOrigin["parent"];
  readonly root?: StartOrigin["root"];
  readonly versioning?: StartOrigin["versioning"];
  readonly time?: StartOrigin["time"];
}

/** The origin of the first run of a chain: of a client's start and of a child's. */
export function firstOrigin(request: StartWorkflowExecutionRequest, place: StartPlace, clockMs: number): StartOrigin {
  const nowMs = clockMs + durationMs(place.time?.initialSkippedDuration);
  const delayMs = durationMs(request.workflowStartDelay);
  const executionMs = durationMs(request.workflowExecutionTimeout);
  return {
    firstExecutionRunId: place.runId,
    originalExecutionRunId: place.runId,
    attempt: 1,
    initiator: request.cronSchedule === "" ? ContinueAsNewInitiator.UNSPECIFIED : ContinueAsNewInitiator.CRON_SCHEDULE,
    continuedFailure: request.continuedFailure,
    lastCompletionResult: request.lastCompletionResult,
    firstWorkflowTaskBackoffMs:
      delayMs > 0 ? delayMs : Math.max(0, cronBackoffMs(request.cronSchedule, nowMs, nowMs) ?? 0),
    executionExpirationMs: executionMs > 0 ? Math.round(nowMs + executionMs) : undefined,
    // Last: V8 adds each property that follows a spread on its slow path.
    ...place,
  };
}
