import { durationMs } from "../../core/execution/duration.ts";
import type { ExecutionRequest } from "../../core/execution/contract.ts";
import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { noTimeLeftMessage } from "../../core/execution/nexus/failure.ts";
import type { NexusOperationState } from "../../core/execution/nexus/nexus-state.ts";
import type { NexusEffect } from "../../core/execution/nexus/request.ts";
import { SYSTEM_NEXUS_ENDPOINT } from "../../core/execution/nexus/system-endpoint.ts";
import type { Link } from "../../proto/gen/common.ts";
import { EventType, TimeoutType } from "../../proto/gen/enums.ts";
import { EngineFailedError } from "../history/engine-error.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import type { RunKey } from "../store/store.ts";
import { CALLBACK_TOKEN_HEADER, encodeCallbackToken } from "./callback-token.ts";
import { callError } from "./call-error.ts";
import { throughBreaker, type BreakerPass } from "./circuit-breakers.ts";
import { callbackUrl, cancelOperation, findEndpoint, startOperation } from "./invocation.ts";
import { toNexusLink } from "./links.ts";
import { refusal } from "./worker-answers.ts";

const OPERATION_TIMEOUT_HEADER = "operation-timeout";

interface Found {
  readonly run: Run;
  readonly operation: NexusOperationState;
}

/** Time left for a request, and which timeout leaves no more. */
interface Budget {
  readonly timeoutMs: number;
  readonly timeoutType: TimeoutType;
}

/** Does what a workflow asks of the system itself. */
export type StartSystemOperation = (
  services: Services,
  run: Run,
  operation: NexusOperationState,
) => Promise<NexusStartAnswer>;

/** Carries out what workflows ask of Nexus endpoints, and tells them how it went. */
export class NexusOperations {
  readonly #services: Services;
  readonly #startSystemOperation: StartSystemOperation;

  constructor(services: Services, startSystemOperation: StartSystemOperation) {
    this.#services = services;
    this.#startSystemOperation = startSystemOperation;
  }

  /** Makes one attempt. The effect's record must have been handed to the store. */
  carryOut(runKey: RunKey, effect: NexusEffect): void {
    const attempt = effect.kind === "dispatchNexusStart" ? this.#start(runKey, effect) : this.#cancel(runKey, effect);
    attempt.catch((error: unknown) => {
      // A server that stops leaves it to the next one.
      if (error instanceof EngineFailedError) return;
      this.#services.logger.error("cannot carry out a Nexus request", { runKey, reason: String(error) });
    });
  }

  async #start(runKey: RunKey, { scheduledEventId, attempt }: NexusEffect): Promise<void> {
    const { engine } = this.#services;
    const find = (): Found | undefined => {
      const found = this.#find(runKey, scheduledEventId);
      return found?.operation.phase === "scheduled" && found.operation.attempt === attempt ? found : undefined;
    };
    // What is asked of others must not be forgotten by a crash.
    await engine.durable;
    const pass = await this.#enter("start", find());
    const found = find();
    if (found === undefined) return pass?.report(false);
    const answer = await throughBreaker(pass, () => this.#askToStart(found));
    this.#tell(runKey, { kind: "nexusStartAnswered", scheduledEventId, attempt, answer });
  }

  async #cancel(runKey: RunKey, { scheduledEventId, attempt }: NexusEffect): Promise<void> {
    const { engine } = this.#services;
    const find = (): Found | undefined => {
      const found = this.#find(runKey, scheduledEventId);
      const cancel = found?.operation.cancel;
      return cancel?.phase === "scheduled" && cancel.attempt === attempt ? found : undefined;
    };
    await engine.durable;
    const pass = await this.#enter("cancel", find());
    const found = find();
    if (found === undefined) return pass?.report(false);
    const answer = await throughBreaker(pass, () => this.#askToCancel(found));
    this.#tell(runKey, { kind: "nexusCancelAnswered", scheduledEventId, attempt, answer });
  }

  #find(runKey: RunKey, scheduledEventId: number): Found | undefined {
    const run = this.#services.engine.load(runKey);
    const operation = run?.state.nexusOperations.get(scheduledEventId);
    return run === undefined || run.state.phase !== "running" || operation === undefined
      ? undefined
      : { run, operation };
  }

  /** Waits until the breaker of the destination lets a request through, if there is still one to make. */
  async #enter(sort: "start" | "cancel", waiting: Found | undefined): Promise<BreakerPass | undefined> {
    const target = waiting?.operation.scheduled.endpoint;
    // What the server asks of itself is never held back.
    if (waiting === undefined || target === undefined || target === SYSTEM_NEXUS_ENDPOINT) return undefined;
    return this.#services.breakers.enter({ sort, namespaceId: waiting.run.namespaceId, target });
  }

  #tell(runKey: RunKey, request: ExecutionRequest): void {
    const { engine } = this.#services;
    const run = engine.load(runKey);
    if (run !== undefined) engine.apply(run, request).committed.catch(() => undefined);
  }

  async #askToStart({ run, operation }: Found): Promise<NexusStartAnswer> {
    const { scheduled, scheduledEventId } = operation;
    const { timeoutMs, timeoutType } = this.#startBudget(operation);
    if (timeoutMs < this.#services.settings.nexus.requestTimeoutMinMs) return { kind: "timedOut", timeoutType };
    if (scheduled.endpoint === SYSTEM_NEXUS_ENDPOINT) return this.#startSystemOperation(this.#services, run, operation);
    const endpoint = findEndpoint(this.#services, scheduled.endpointId, scheduled.endpoint);
    const callback = callbackUrl(this.#services, endpoint, run.namespaceId);
    if (endpoint !== undefined && typeof callback !== "string") return refusal(callback);
    const token = encodeCallbackToken({
      kind: "workflow",
      namespaceId: run.namespaceId,
      workflowId: run.workflowId,
      runId: run.runId,
      scheduledEventId,
      requestId: scheduled.requestId,
    });
    const link = toNexusLink(scheduledLink(run, scheduledEventId));
    return startOperation(this.#services, {
      endpointId: scheduled.endpointId,
      endpoint: scheduled.endpoint,
      header: this.#startHeader(operation),
      timeoutMs,
      message: {
        service: scheduled.service,
        operation: scheduled.operation,
        requestId: scheduled.requestId,
        callback: typeof callback === "string" ? callback : "",
        callbackHeader: { [CALLBACK_TOKEN_HEADER]: token },
        payload: scheduled.input,
        links: link === undefined ? [] : [link],
      },
    });
  }

  async #askToCancel({ operation }: Found): Promise<NexusCancelAnswer> {
    const { scheduled, operationToken } = operation;
    const { timeoutMs, timeoutType } = this.#cancelBudget(operation);
    const isSystem = scheduled.endpoint === SYSTEM_NEXUS_ENDPOINT;
    if (isSystem || timeoutMs < this.#services.settings.nexus.requestTimeoutMinMs) return noTimeLeft(timeoutType);
    return cancelOperation(this.#services, {
      endpointId: scheduled.endpointId,
      endpoint: scheduled.endpoint,
      header: scheduled.nexusHeader,
      timeoutMs,
      message: {
        service: scheduled.service,
        operation: scheduled.operation,
        operationToken,
        operationId: operationToken,
      },
    });
  }

  /** The operation's headers, and how long it may take as a whole. */
  #startHeader({ scheduled, scheduledMs }: NexusOperationState): Record<string, string> {
    const startToCloseMs = durationMs(scheduled.startToCloseTimeout) || Infinity;
    const closeMs = durationMs(scheduled.scheduleToCloseTimeout);
    const leftMs = closeMs === 0 ? Infinity : closeMs - (this.#services.clock.now() - scheduledMs);
    const timeoutMs = Math.min(startToCloseMs, leftMs);
    return Number.isFinite(timeoutMs)
      ? { [OPERATION_TIMEOUT_HEADER]: `${Math.trunc(timeoutMs)}ms`, ...scheduled.nexusHeader }
      : { ...scheduled.nexusHeader };
  }

  #startBudget({ scheduled, scheduledMs }: NexusOperationState): Budget {
    const startMs = durationMs(scheduled.scheduleToStartTimeout);
    const closeMs = durationMs(scheduled.scheduleToCloseTimeout);
    const allowedMs = startMs || closeMs;
    const timeoutType = startMs > 0 ? TimeoutType.SCHEDULE_TO_START : TimeoutType.SCHEDULE_TO_CLOSE;
    return this.#budget(allowedMs === 0 ? Infinity : scheduledMs + allowedMs, timeoutType);
  }

  #cancelBudget({ scheduled, scheduledMs, startedMs }: NexusOperationState): Budget {
    const runMs = durationMs(scheduled.startToCloseTimeout);
    const closeMs = durationMs(scheduled.scheduleToCloseTimeout);
    const runUntilMs = runMs === 0 ? Infinity : (startedMs ?? scheduledMs) + runMs;
    const closeUntilMs = closeMs === 0 ? Infinity : scheduledMs + closeMs;
    const timeoutType = closeMs > 0 ? TimeoutType.SCHEDULE_TO_CLOSE : TimeoutType.START_TO_CLOSE;
    return this.#budget(Math.min(runUntilMs, closeUntilMs), timeoutType);
  }

  #budget(untilMs: number, timeoutType: TimeoutType): Budget {
    const { clock, settings } = this.#services;
    return { timeoutMs: Math.min(settings.nexus.requestTimeoutMs, untilMs - clock.now()), timeoutType };
  }
}

function noTimeLeft(timeoutType: TimeoutType): NexusCancelAnswer {
  return { kind: "failed", failure: callError(noTimeLeftMessage(timeoutType), false) };
}

function scheduledLink({ state, workflowId, runId }: Run, eventId: number): Link {
  const eventRef = { eventId, eventType: EventType.NEXUS_OPERATION_SCHEDULED };
  return {
    variant: {
      case: "workflowEvent",
      value: { namespace: state.namespace, workflowId, runId, reference: { case: "eventRef", value: eventRef } },
    },
  };
}
