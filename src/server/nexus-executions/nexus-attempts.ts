import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import type { NexusExecutionState } from "../../core/nexus-execution/state.ts";
import type { NexusExecutionRequest } from "../../core/nexus-execution/step.ts";
import { TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { CALLBACK_TOKEN_HEADER, encodeCallbackToken } from "../nexus/callback-token.ts";
import { callbackUrl, cancelOperation, findEndpoint, startOperation } from "../nexus/invocation.ts";
import { toNexusLink } from "../nexus/links.ts";
import { refusal } from "../nexus/worker-answers.ts";
import type { Services } from "../services.ts";
import type { RunKey } from "../store/store.ts";
import type { LiveNexusExecution, NexusAttempt } from "./nexus-executions.ts";

const OPERATION_TIMEOUT_HEADER = "operation-timeout";

/** Makes one attempt of a standalone Nexus operation, and tells the operation how it went. */
export function makeNexusAttempt(services: Services, key: RunKey, attempt: NexusAttempt): void {
  attemptOnce(services, key, attempt).catch((error: unknown) => {
    services.logger.error("cannot carry out a Nexus request", { runKey: key, reason: String(error) });
  });
}

async function attemptOnce(services: Services, key: RunKey, { of, attempt }: NexusAttempt): Promise<void> {
  const { engine, breakers } = services;
  const find = (): LiveNexusExecution | undefined => {
    const operation = services.nexusExecutions.load(key);
    if (operation === undefined) return undefined;
    const { state } = operation;
    const current = of === "start" ? state : state.cancellation;
    return current?.phase === "scheduled" && current.attempt === attempt ? operation : undefined;
  };
  // What is asked of others must not be forgotten by a crash.
  await engine.durable;
  const waiting = find();
  if (waiting === undefined) return;
  const destination = `${waiting.namespaceId}/${waiting.state.endpoint}`;
  await breakers.enter(destination);
  const operation = find();
  if (operation === undefined) return;
  const request: NexusExecutionRequest =
    of === "start"
      ? { kind: "startAnswered", attempt, answer: await askToStart(services, operation) }
      : { kind: "cancelAnswered", attempt, answer: await askToCancel(services, operation) };
  breakers.report(destination, request.answer.kind === "retry");
  const answered = services.nexusExecutions.load(key);
  if (answered !== undefined) await services.nexusExecutions.apply(answered, request).committed;
}

async function askToStart(services: Services, operation: LiveNexusExecution): Promise<NexusStartAnswer> {
  const { namespaceId, id: operationId, runId, state } = operation;
  const { nexus } = services.settings;
  const timeoutMs = Math.min(nexus.requestTimeoutMs, leftToStartMs(services, state));
  if (timeoutMs < nexus.requestTimeoutMinMs) {
    const timeoutType = state.scheduleToStartMs > 0 ? TimeoutType.SCHEDULE_TO_START : TimeoutType.SCHEDULE_TO_CLOSE;
    return { kind: "timedOut", timeoutType };
  }
  const endpoint = findEndpoint(services, state.endpointId, state.endpoint);
  const callback = callbackUrl(services, endpoint, namespaceId);
  if (endpoint !== undefined && typeof callback !== "string") return refusal(callback);
  const { requestId } = state;
  const { input: payload, nexusHeader } = services.nexusExecutions.readStart(operation);
  const namespace = services.namespaces.findById(namespaceId)?.name ?? "";
  const link = toNexusLink({ variant: { case: "nexusOperation", value: { namespace, operationId, runId } } });
  return startOperation(services, {
    endpointId: state.endpointId,
    endpoint: state.endpoint,
    header: { ...timeoutHeader(services, state), ...nexusHeader },
    timeoutMs,
    message: {
      service: state.service,
      operation: state.operation,
      requestId,
      callback: typeof callback === "string" ? callback : "",
      callbackHeader: {
        [CALLBACK_TOKEN_HEADER]: encodeCallbackToken({
          kind: "standalone",
          namespaceId,
          operationId,
          runId,
          requestId,
        }),
      },
      payload,
      links: link === undefined ? [] : [link],
    },
  });
}

async function askToCancel(services: Services, operation: LiveNexusExecution): Promise<NexusCancelAnswer> {
  const { state } = operation;
  const { nexus } = services.settings;
  const timeoutMs = Math.min(nexus.requestTimeoutMs, leftToRunMs(services, state));
  if (timeoutMs < nexus.requestTimeoutMinMs) {
    const failure = Failure.create({
      message: "not enough time to execute another request before operation times out",
      failureInfo: { case: "applicationFailureInfo", value: { type: "CallError", nonRetryable: true } },
    });
    return { kind: "failed", failure };
  }
  const { endpointId, endpoint, service, operation: name, operationToken } = state;
  return cancelOperation(services, {
    endpointId,
    endpoint,
    header: services.nexusExecutions.readStart(operation).nexusHeader,
    timeoutMs,
    message: { service, operation: name, operationToken, operationId: operationToken },
  });
}

function leftToStartMs({ clock }: Services, state: NexusExecutionState): number {
  const allowedMs = state.scheduleToStartMs || state.scheduleToCloseMs;
  return allowedMs === 0 ? Infinity : state.scheduledMs + allowedMs - clock.now();
}

function leftToRunMs({ clock }: Services, state: NexusExecutionState): number {
  const { scheduledMs, startedMs, startToCloseMs, scheduleToCloseMs } = state;
  const runUntilMs = startToCloseMs === 0 ? Infinity : (startedMs ?? scheduledMs) + startToCloseMs;
  const closeUntilMs = scheduleToCloseMs === 0 ? Infinity : scheduledMs + scheduleToCloseMs;
  return Math.min(runUntilMs, closeUntilMs) - clock.now();
}

/** Tells the handler how long the operation may take as a whole. */
function timeoutHeader({ clock }: Services, state: NexusExecutionState): Record<string, string> {
  const { scheduledMs, startToCloseMs, scheduleToCloseMs } = state;
  const leftMs = scheduleToCloseMs === 0 ? Infinity : scheduledMs + scheduleToCloseMs - clock.now();
  const timeoutMs = Math.min(startToCloseMs || Infinity, leftMs);
  return Number.isFinite(timeoutMs) ? { [OPERATION_TIMEOUT_HEADER]: `${Math.trunc(timeoutMs)}ms` } : {};
}
