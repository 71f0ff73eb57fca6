import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { noTimeLeftMessage } from "../../core/execution/nexus/failure.ts";
import type { NexusExecutionState } from "../../core/nexus-execution/state.ts";
import type { NexusExecutionRequest } from "../../core/nexus-execution/step.ts";
import { TimeoutType } from "../../proto/gen/enums.ts";
import { CALLBACK_TOKEN_HEADER, encodeCallbackToken } from "../nexus/callback-token.ts";
import { CALL_ERROR, callError } from "../nexus/call-error.ts";
import { throughBreaker, type BreakerPass } from "../nexus/circuit-breakers.ts";
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
  const { namespaceId, state } = waiting;
  const sort = of === "start" ? "standaloneStart" : "standaloneCancel";
  const pass = await breakers.enter({ sort, namespaceId, target: state.endpoint });
  const operation = find();
  if (operation === undefined) return pass.report(false);
  const request: NexusExecutionRequest =
    of === "start"
      ? { kind: "startAnswered", attempt, answer: await ask(pass, () => askToStart(services, operation)) }
      : { kind: "cancelAnswered", attempt, answer: await ask(pass, () => askToCancel(services, operation)) };
  const answered = services.nexusExecutions.load(key);
  if (answered !== undefined) await services.nexusExecutions.apply(answered, request).committed;
}

async function ask<Answer extends NexusStartAnswer | NexusCancelAnswer>(
  pass: BreakerPass,
  request: () => Promise<Answer>,
): Promise<Answer> {
  return asServerFailure(await throughBreaker(pass, request));
}

/** What goes wrong with a call itself is the server's failure here, where it is an application's for workflows. */
function asServerFailure<Answer extends NexusStartAnswer | NexusCancelAnswer>(answer: Answer): Answer {
  if (answer.kind !== "failed" && answer.kind !== "retry") return answer;
  const { failureInfo } = answer.failure;
  if (failureInfo?.case !== "applicationFailureInfo" || failureInfo.value.type !== CALL_ERROR) return answer;
  const { nonRetryable } = failureInfo.value;
  return {
    ...answer,
    failure: { ...answer.failure, failureInfo: { case: "serverFailureInfo", value: { nonRetryable } } },
  };
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
    // It will not do better later; the service tries again all the same, until the operation has timed out.
    return { kind: "retry", failure: callError(noTimeLeftMessage(cancelTimeoutType(services, state)), true) };
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

function cancelTimeoutType({ clock }: Services, state: NexusExecutionState): TimeoutType {
  const { scheduledMs, startedMs, startToCloseMs, scheduleToCloseMs } = state;
  const runLeftMs = startToCloseMs === 0 ? Infinity : (startedMs ?? scheduledMs) + startToCloseMs - clock.now();
  const closeLeftMs = scheduleToCloseMs === 0 ? Infinity : scheduledMs + scheduleToCloseMs - clock.now();
  return closeLeftMs < runLeftMs ? TimeoutType.SCHEDULE_TO_CLOSE : TimeoutType.START_TO_CLOSE;
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
