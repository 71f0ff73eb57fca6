import type { ChildCancellation, NexusStartResolution, Resolution } from "../../core/replay/activation.ts";
import type { CancelledError } from "../../payload/failure-error.ts";
import { RawValue } from "../../payload/payload-converter.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { inContext, type SerializationContext } from "../../payload/serialization-context.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { NexusOperationCancellationType, StartNexusOperationInput } from "../nexus-options.ts";
import { SYSTEM_ENDPOINT } from "../system-operation.ts";
import { toOptionalMs } from "./continue-as-new.ts";
import { fromFailure } from "./failures.ts";
import { Operation } from "./operation.ts";
import type { PendingNexusOperation } from "./pending.ts";
import type { Run } from "./run.ts";
import type { Cancellable, Scope } from "./scope.ts";
import { toUserMetadata } from "./user-metadata.ts";

const cancellations: Readonly<Record<NexusOperationCancellationType, ChildCancellation>> = {
  abandon: "abandon",
  tryCancel: "tryCancel",
  waitRequested: "waitCancellationRequested",
  waitCompleted: "waitCancellationCompleted",
};

/** A Nexus operation from its command to its end. It is cancelled as one, whether or not it has started. */
export class NexusCall implements PendingNexusOperation, Cancellable {
  /** Ends with the operation's token, if it has one. */
  readonly start = new Operation<string | undefined>(undefined);
  readonly result = new Operation<unknown>(undefined);
  readonly #run: Run;
  readonly #scope: Scope;
  readonly #context: SerializationContext;
  readonly #seq: number;
  /** The system's own operations answer with messages that no converter of the user's knows. */
  readonly #isRaw: boolean;
  #isCancelRequested = false;

  constructor(run: Run, scope: Scope, { endpoint, service, operation, input, options }: StartNexusOperationInput) {
    this.#run = run;
    this.#scope = scope;
    // The handler knows nothing of the calling workflow, so the context is the operation's.
    this.#context = { kind: "nexus", endpoint, service, operation };
    this.#isRaw = endpoint === SYSTEM_ENDPOINT;
    const payload =
      input instanceof RawValue
        ? input.payload
        : inContext(run.settings.payloadConverter, this.#context).toPayload(input);
    this.#seq = run.nexusOperations.next();
    run.push({
      kind: "scheduleNexusOperation",
      seq: this.#seq,
      endpoint,
      service,
      operation,
      input: payload,
      headers: options.headers ?? {},
      scheduleToCloseTimeoutMs: toOptionalMs(options.scheduleToCloseTimeout),
      scheduleToStartTimeoutMs: toOptionalMs(options.scheduleToStartTimeout),
      startToCloseTimeoutMs: toOptionalMs(options.startToCloseTimeout),
      cancellationType: cancellations[options.cancellationType ?? "waitCompleted"],
      userMetadata: toUserMetadata(run.settings.payloadConverter, options.summary),
    });
    run.nexusOperations.set(this.#seq, this);
    scope.add(this);
  }

  get trace(): PendingNexusOperation["trace"] {
    return this.start.trace;
  }

  cancel(error: CancelledError): void {
    this.requestCancel();
    // A workflow that is to end does not wait for what it has only just asked for.
    if (this.#run.cancelReason !== undefined) this.start.fail(error);
  }

  /** Asks for the cancellation; how the operation ends is for the service to say. */
  requestCancel(): void {
    if (this.result.isEnded || this.#isCancelRequested) return;
    this.#isCancelRequested = true;
    this.#run.push({ kind: "requestCancelNexusOperation", seq: this.#seq });
  }

  resolveStart(result: NexusStartResolution): void {
    if (result.status !== "failed")
      return this.start.complete(result.status === "startedAsync" ? result.operationToken : undefined);
    this.#scope.remove(this);
    const error = this.#toError(result.failure);
    this.start.fail(error);
    this.result.fail(error);
    return undefined;
  }

  resolve(result: Resolution | { readonly status: "timedOut"; readonly failure: Failure }): void {
    this.#scope.remove(this);
    if (result.status !== "completed") return this.result.fail(this.#toError(result.failure));
    try {
      this.result.complete(result.result === undefined ? undefined : this.#toValue(result.result));
    } catch (error) {
      this.result.fail(error);
    }
    return undefined;
  }

  #toValue(payload: Payload): unknown {
    return this.#isRaw
      ? new RawValue(payload)
      : inContext(this.#run.settings.payloadConverter, this.#context).fromPayload(payload);
  }

  #toError(failure: Failure): Error {
    return fromFailure(this.#run, failure, this.#context);
  }
}
