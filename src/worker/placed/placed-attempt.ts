import type { ActivityCancellationDetails, ActivityContext, ActivityInfo } from "../../activity/index.ts";
import { CompleteAsyncError } from "../../activity/index.ts";
import type { CancelTimer } from "../../core/time/clock.ts";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { defaultFailureConverter } from "../../payload/failure-converter.ts";
import { createMeasurementSink } from "../tasks/thread-meter.ts";
import type { PlacedEnd, PlacedMessage } from "./placed-message.ts";

/** What a {@link PlacedAttempt} is made of. */
export interface PlacedAttemptOptions {
  readonly exportName: string;
  readonly args: readonly unknown[];
  readonly info: ActivityInfo;
  readonly context: ActivityContext;
  readonly endAfterCancelMs: number | undefined;
  readonly onCancelledWaiting: () => void;
}

/** The thread or process that an attempt runs in. */
export interface AttemptPlace {
  cancel(details: ActivityCancellationDetails | undefined): void;
  /** Ends the place itself: the activity does not stop when asked to. */
  end(): void;
}

type AttemptMessage = Extract<PlacedMessage, { kind: "heartbeat" | "log" | "measured" }>;

/** One attempt of an activity that runs elsewhere, as the worker sees it. */
export class PlacedAttempt {
  readonly options: PlacedAttemptOptions;
  readonly result: Promise<unknown>;
  #resolve: (result: unknown) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #place: AttemptPlace | undefined;
  #cancelTimer: CancelTimer | undefined;
  #measure: ReturnType<typeof createMeasurementSink> | undefined;

  constructor(options: PlacedAttemptOptions) {
    this.options = options;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { cancellationSignal: signal } = options.context;
    if (signal.aborted) queueMicrotask(() => this.#cancel());
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The attempt has been handed to a thread or process. */
  began(place: AttemptPlace): void {
    this.#place = place;
    if (this.options.context.cancellationSignal.aborted) this.#cancel();
  }

  /** Takes what the activity says while it runs. */
  receive(message: AttemptMessage): void {
    const { context } = this.options;
    switch (message.kind) {
      case "heartbeat":
        context.heartbeat(message.details);
        return;
      case "log":
        context.logger[message.level](message.message, message.attributes);
        return;
      case "measured":
        this.#measure ??= createMeasurementSink(context.metricMeter);
        this.#measure(message.measurement);
    }
  }

  /** The activity has ended. */
  ended(end: PlacedEnd): void {
    this.#cleanUp();
    switch (end.status) {
      case "completed":
        this.#resolve(end.result);
        return;
      case "completesAsync":
        this.#reject(new CompleteAsyncError());
        return;
      case "failed":
        this.#reject(defaultFailureConverter.fromFailure(end.failure, defaultPayloadConverter));
    }
  }

  /** The attempt cannot go on. */
  fail(error: Error): void {
    this.#cleanUp();
    // One that was ended because it did not stop has been cancelled, as it was asked to be.
    const { cancellationSignal: signal } = this.options.context;
    this.#reject(signal.aborted && this.#cancelTimer !== undefined ? signal.reason : error);
  }

  readonly #onAbort = (): void => this.#cancel();

  #cancel(): void {
    const { context, endAfterCancelMs, onCancelledWaiting } = this.options;
    if (this.#place === undefined) {
      onCancelledWaiting();
      this.#reject(context.cancellationSignal.reason);
      return;
    }
    this.#place.cancel(context.cancellationDetails);
    if (endAfterCancelMs === undefined) return;
    const { clock } = context;
    this.#cancelTimer ??= clock.schedule(clock.now() + endAfterCancelMs, () => this.#place?.end());
  }

  #cleanUp(): void {
    this.options.context.cancellationSignal.removeEventListener("abort", this.#onAbort);
    this.#cancelTimer?.();
  }
}
