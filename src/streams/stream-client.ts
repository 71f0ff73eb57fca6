import { randomUUID } from "node:crypto";
import { currentActivity, NotInActivityError } from "../activity/index.ts";
import type { Client } from "../client/index.ts";
import { type Duration, toDurationMs } from "../core/time/duration.ts";
import { type PayloadConverter, RawValue } from "../payload/payload-converter.ts";
import { decodeWithAsync, type StandardSchema } from "../payload/schema.ts";
import { decodeItem, encodeItem, OFFSET_QUERY, PUBLISH_SIGNAL, type StreamEntry } from "../workflow/streams.ts";
import { WorkflowStreamError } from "./stream-error.ts";
import { StreamPublisher } from "./stream-publisher.ts";
import { readEntries } from "./subscription.ts";

const DEFAULT_BATCH_INTERVAL_MS = 2_000;
const DEFAULT_MAX_RETRY_DURATION_MS = 10 * 60_000;
const DEFAULT_COOLDOWN_MS = 100;
const PUBLISHER_ID_LENGTH = 16;

/** What a {@link WorkflowStreamClient} may be told. */
export interface WorkflowStreamClientOptions {
  /** Holds to one run; without it, runs are followed. @default none */
  readonly runId?: string | undefined;
  /** How long an item waits for others, to be sent with them. @default 2 seconds */
  readonly batchInterval?: Duration | undefined;
  /** So many items are sent at once, and no more. @default as many as a signal takes */
  readonly maxBatchSize?: number | undefined;
  /** How long a batch is sent again that could not be sent; less than the workflow's `publisherTtl`. @default 10 minutes */
  readonly maxRetryDuration?: Duration | undefined;
}

/** What is read of a topic, and from where. */
export interface TopicSubscribeOptions {
  /** Of the first item, counted over all topics from 0. @default 0 */
  readonly fromOffset?: number | undefined;
  /** Waited between polls when nothing is there to be read: each poll adds to the workflow's history. @default 100 milliseconds */
  readonly pollCooldown?: Duration | undefined;
  /** Ends the subscription by throwing the reason when it aborts. @default in an activity's client its cancellation, else none */
  readonly signal?: AbortSignal | undefined;
}

/** What is read of a stream. */
export interface SubscribeOptions extends TopicSubscribeOptions {
  /** @default all */
  readonly topics?: string | readonly string[] | undefined;
}

/** One item of a stream. */
export interface WorkflowStreamItem<T = unknown> {
  readonly topic: string;
  readonly data: T;
  /** Place in the stream, from 0, over all topics. */
  readonly offset: number;
}

/** One topic of a workflow's stream, from outside of the workflow. */
export interface TopicHandle<T = unknown> {
  readonly name: string;
  /**
   * Queues a value to be sent; with `forceFlush` at once, with what waits. A {@link RawValue} goes as it is.
   *
   * @throws {PayloadConversionError} If the value cannot be converted.
   * @throws {WorkflowStreamError} If too much waits already, or the client is closed.
   */
  publish(value: T | RawValue, options?: { readonly forceFlush?: boolean | undefined }): void;
  /** Reads the topic's items; see {@link WorkflowStreamClient.subscribe}. */
  subscribe(options?: TopicSubscribeOptions): AsyncGenerator<WorkflowStreamItem<T>, void>;
}

/** Publishes to a workflow's stream and subscribes to it, from anywhere. Close it, or what waits to be sent is sent late. */
export class WorkflowStreamClient implements AsyncDisposable {
  readonly workflowId: string;
  readonly #client: Client;
  readonly #runId: string | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #converter: PayloadConverter;
  readonly #publisher: StreamPublisher;
  readonly #schemas = new Map<string, StandardSchema | undefined>();

  constructor(client: Client, workflowId: string, options: WorkflowStreamClientOptions = {}, signal?: AbortSignal) {
    const { runId, batchInterval, maxBatchSize, maxRetryDuration } = options;
    this.workflowId = workflowId;
    this.#client = client;
    this.#runId = runId;
    this.#signal = signal;
    const { namespace } = client;
    // Codecs see the items as part of the messages that carry them, so here they are converted only.
    this.#converter = client.dataConverter.withContext({ kind: "workflow", namespace, workflowId }).payloadConverter;
    const target = client.getWorkflowHandle(workflowId, runId === undefined ? {} : { runId });
    this.#publisher = new StreamPublisher({
      publisherId: randomUUID().replaceAll("-", "").slice(0, PUBLISHER_ID_LENGTH),
      clock: client.connection.clock,
      batchIntervalMs: batchInterval === undefined ? DEFAULT_BATCH_INTERVAL_MS : toDurationMs(batchInterval),
      maxBatchSize,
      maxRetryDurationMs:
        maxRetryDuration === undefined ? DEFAULT_MAX_RETRY_DURATION_MS : toDurationMs(maxRetryDuration),
      send: (input) => target.signal(PUBLISH_SIGNAL, input),
    });
  }

  /**
   * The stream of the workflow that started the running activity, by the worker's client. Its subscriptions end when the
   * activity is cancelled.
   *
   * @throws {NotInActivityError} Outside of an activity, and in one that no workflow started.
   */
  static fromWithinActivity(options: Omit<WorkflowStreamClientOptions, "runId"> = {}): WorkflowStreamClient {
    const context = currentActivity();
    const { workflowId } = context.info();
    const { client } = context;
    if (workflowId === undefined)
      throw new NotInActivityError(
        "Cannot find the activity's workflow: no workflow started it, make the client with activity.client() and the workflow's id",
      );
    if (client === undefined)
      throw new NotInActivityError("Cannot reach the activity's workflow: the activity runs where no client is");
    return new WorkflowStreamClient(client as Client, workflowId, options, context.cancellationSignal);
  }

  /**
   * A topic to publish to and to subscribe to.
   *
   * @param options `schema`: what items of the topic that are read must suit.
   * @throws {WorkflowStreamError} If the topic has another schema already.
   */
  topic<T = unknown>(name: string, options: { readonly schema?: StandardSchema<unknown, T> } = {}): TopicHandle<T> {
    const { schema } = options;
    const isOther = this.#schemas.has(name) && this.#schemas.get(name) !== schema;
    if (isOther) throw new WorkflowStreamError(`Cannot open topic "${name}": this client has it with another schema`);
    this.#schemas.set(name, schema);
    return {
      name,
      publish: (value, { forceFlush = false } = {}) =>
        this.#publisher.publish({ topic: name, data: encodeItem(this.#converter.toPayload(value)) }, forceFlush),
      subscribe: (given = {}) =>
        this.#read({ ...given, topics: name }, async (entry) => {
          const value = this.#converter.fromPayload(payloadOf(entry));
          return (await decodeWithAsync(schema, value, `item ${entry.offset} of topic "${name}"`)) as T;
        }),
    };
  }

  /**
   * Reads the stream's items as they come, from run to run, until the workflow has ended and all that it kept is read.
   *
   * Items that the workflow has truncated are left out. Which items were read is for the reader to remember, by their
   * offsets.
   *
   * @param options `raw`: gives payloads as they are, each as a {@link RawValue}.
   * @throws {RPCError} If there is no such workflow, or the service refuses.
   * @throws {WorkflowUpdateFailedError} If the workflow has no stream.
   */
  subscribe(options: SubscribeOptions & { readonly raw: true }): AsyncGenerator<WorkflowStreamItem<RawValue>, void>;
  subscribe<T = unknown>(options?: SubscribeOptions): AsyncGenerator<WorkflowStreamItem<T>, void>;
  subscribe(options: SubscribeOptions & { readonly raw?: boolean } = {}): AsyncGenerator<WorkflowStreamItem, void> {
    const { raw = false, ...given } = options;
    return this.#read(given, async (entry) => {
      const payload = payloadOf(entry);
      return raw ? new RawValue(payload) : this.#converter.fromPayload(payload);
    });
  }

  /** Where the next item will be: how many there were. */
  async getOffset(): Promise<number> {
    const options = this.#runId === undefined ? {} : { runId: this.#runId };
    return (await this.#client.getWorkflowHandle(this.workflowId, options).query(OFFSET_QUERY)) as number;
  }

  /**
   * Resolves when the workflow has got all that was published before.
   *
   * @throws {RPCError} If it cannot be sent now. It is kept, and sent with the next try.
   * @throws {WorkflowStreamError} If some was dropped because it could not be sent for `maxRetryDuration`.
   */
  flush(): Promise<void> {
    return this.#publisher.flush();
  }

  /** Sends what waits, as {@link flush}, and takes no more to publish. */
  close(): Promise<void> {
    return this.#publisher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#read<T>(
    { topics = [], fromOffset = 0, pollCooldown, signal = this.#signal }: SubscribeOptions,
    decode: (entry: StreamEntry) => Promise<T>,
  ): AsyncGenerator<WorkflowStreamItem<T>, void> {
    const entries = readEntries({
      client: this.#client,
      workflowId: this.workflowId,
      runId: this.#runId,
      topics: typeof topics === "string" ? [topics] : topics,
      fromOffset,
      cooldownMs: pollCooldown === undefined ? DEFAULT_COOLDOWN_MS : toDurationMs(pollCooldown),
      signal,
    });
    for await (const entry of entries)
      yield { topic: entry.topic, data: await decode(entry), offset: entry.offset ?? 0 };
  }
}

function payloadOf({ topic, data, offset }: StreamEntry): ReturnType<typeof decodeItem> & object {
  const payload = decodeItem(data);
  if (payload !== undefined) return payload;
  throw new WorkflowStreamError(`Cannot read item ${offset} of topic "${topic}": it is no payload`);
}
