import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { mayPass } from "../rpc/retry.ts";
import { type PublishEntry, type PublishInput, sizeOf } from "../workflow/streams.ts";
import { WorkflowStreamError } from "./stream-error.ts";

// Well below what the service takes of one signal.
const BATCH_BYTES_MAX = 1_000_000;
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** What a {@link StreamPublisher} works with. */
export interface StreamPublisherOptions {
  /** Names it to the workflow, which takes no batch of a publisher twice. */
  readonly publisherId: string;
  readonly clock: Clock;
  /** How long an item waits for others, in milliseconds. */
  readonly batchIntervalMs: number;
  /** So many items go at once, and no more. */
  readonly maxBatchSize: number | undefined;
  /** How long a batch is sent again that could not be sent, in milliseconds. */
  readonly maxRetryDurationMs: number;
  send(input: PublishInput): Promise<void>;
}

interface Batch {
  readonly items: readonly PublishEntry[];
  readonly sequence: number;
  readonly sinceMs: number;
}

/** Sends items in batches, each until it is taken, one after the other. */
export class StreamPublisher {
  readonly #options: StreamPublisherOptions;
  readonly #queue: PublishEntry[] = [];
  #queuedBytes = 0;
  #pending: Batch | undefined;
  #sending: Promise<void> | undefined;
  #sequence = 0;
  #queued = 0;
  #settled = 0;
  #stopTimer: CancelTimer | undefined;
  #isDue = false;
  #isClosed = false;
  /** What went wrong in the background, for whoever asks next. */
  #failure: { readonly error: unknown } | undefined;

  constructor(options: StreamPublisherOptions) {
    this.#options = options;
  }

  /** Queues an item. @throws {WorkflowStreamError} If too much waits already, or after the end. */
  publish(entry: PublishEntry, isUrgent: boolean): void {
    if (this.#isClosed) throw new WorkflowStreamError(`Cannot publish to topic "${entry.topic}": the client is closed`);
    const bytes = this.#queuedBytes + sizeOf(entry);
    if (bytes > QUEUE_BYTES_MAX)
      throw new WorkflowStreamError(
        `Cannot publish to topic "${entry.topic}": ${bytes} bytes would wait to be sent, limit is ${QUEUE_BYTES_MAX}, await flush() at times`,
      );
    this.#queue.push(entry);
    this.#queuedBytes = bytes;
    this.#queued++;
    const { maxBatchSize = Infinity } = this.#options;
    if (isUrgent || this.#queue.length >= maxBatchSize) this.#sendSoon();
    else this.#sendLater();
  }

  /** Resolves when the workflow has got all that was queued before. */
  async flush(): Promise<void> {
    this.#throwFailure();
    const target = this.#queued;
    while (this.#settled < target) await this.#sendNext();
    this.#throwFailure();
  }

  /** Sends the rest and takes no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    await this.flush();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  #sendLater(): void {
    if (this.#stopTimer !== undefined || this.#isClosed) return;
    const { clock, batchIntervalMs } = this.#options;
    this.#stopTimer = clock.schedule(clock.now() + batchIntervalMs, () => this.#sendInBackground());
  }

  /** After the code that runs now, which may publish more. */
  #sendSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#sendInBackground());
  }

  #sendInBackground(): void {
    this.#isDue = false;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const target = this.#queued;
    const sendAll = async (): Promise<void> => {
      while (this.#settled < target) await this.#sendNext();
    };
    sendAll().catch((error: unknown) => {
      if (error instanceof RPCError && mayPass(error)) this.#sendLater();
      else this.#failure = { error };
    });
  }

  /** Sends one batch, or waits for the one that is on its way. */
  #sendNext(): Promise<void> {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { clock, maxRetryDurationMs, publisherId } = this.#options;
    const batch = (this.#pending ??= this.#nextBatch());
    if (clock.now() - batch.sinceMs > maxRetryDurationMs) {
      // The number is used up: whether the workflow has got the batch is not known.
      this.#settle(batch);
      throw new WorkflowStreamError(
        `Cannot publish ${batch.items.length} items: they could not be sent within ${maxRetryDurationMs} ms and are dropped, unless an earlier try has reached the workflow`,
      );
    }
    const { items, sequence } = batch;
    await this.#options.send({ items, publisher_id: publisherId, sequence });
    this.#settle(batch);
  }

  #settle(batch: Batch): void {
    this.#sequence = batch.sequence;
    this.#settled += batch.items.length;
    this.#pending = undefined;
  }

  #nextBatch(): Batch {
    const { clock, maxBatchSize = Infinity } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const entry of this.#queue) {
      const more = bytes + sizeOf(entry);
      if (count >= maxBatchSize || (count > 0 && more > BATCH_BYTES_MAX)) break;
      bytes = more;
      count++;
    }
    this.#queuedBytes -= bytes;
    return { items: this.#queue.splice(0, count), sequence: this.#sequence + 1, sinceMs: clock.now() };
  }
}
