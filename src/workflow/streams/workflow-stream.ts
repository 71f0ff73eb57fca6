import { type Duration, toDurationMs } from "../../core/time/duration.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { RawValue } from "../../payload/payload-converter.ts";
import { payloadConverter } from "../attributes.ts";
import type { ContinueAsNewOptions } from "../continue-as-new-options.ts";
import { continueAsNew } from "../continue-as-new.ts";
import { logger } from "../logger.ts";
import {
  allHandlersFinished,
  getSignalHandler,
  setQueryHandler,
  setSignalHandler,
  setUpdateHandler,
} from "../runtime-handlers.ts";
import { now, time } from "../time-and-chance.ts";
import { waitCondition } from "../waiting.ts";
import { WorkflowUsageError } from "../workflow-error.ts";
import {
  encodeItem,
  OFFSET_QUERY,
  POLL_HANDLER,
  type PollInput,
  type PollResult,
  PUBLISH_SIGNAL,
  type PublisherState,
  type PublishEntry,
  readPollInput,
  readPublishInput,
  sizeOf,
  STREAM_DRAINING,
  type StreamEntry,
  TRUNCATED_OFFSET,
  type WorkflowStreamState,
} from "./stream-messages.ts";

// What one answer to a poll holds, so that it stays well below what the service takes.
const POLL_RESULT_BYTES_MAX = 1_000_000;
const DEFAULT_PUBLISHER_TTL_MS = 15 * 60_000;

/** What {@link WorkflowStream.getState} may be told. */
export interface StreamStateOptions {
  /**
   * How long a publisher is remembered that sends nothing; longer than any client's `maxRetryDuration`, or a batch may be
   * taken twice.
   *
   * @default 15 minutes
   */
  readonly publisherTtl?: Duration | undefined;
}

/** One topic of a workflow's own stream. */
export interface WorkflowTopicHandle<T = unknown> {
  readonly name: string;
  /** Adds a value to the stream. A {@link RawValue} goes as it is. */
  publish(value: T | RawValue): void;
}

/**
 * A stream of items by topics, which the workflow keeps and everybody with a client may publish to and subscribe to.
 *
 * Make it as a field of the workflow's class, or in its constructor or init method: what comes before there is a stream
 * waits for it or, if it is a poll, is refused.
 */
export class WorkflowStream {
  #log: PublishEntry[];
  #firstOffset: number;
  readonly #publishers: Map<string, PublisherState>;
  #isDraining = false;

  /**
   * @param state What the run before has handed on. @default an empty stream
   * @throws {WorkflowUsageError} If the workflow has a stream already.
   */
  constructor(state?: WorkflowStreamState | null) {
    if (getSignalHandler(PUBLISH_SIGNAL) !== undefined)
      throw new WorkflowUsageError("Cannot make a stream: this workflow has one already, use that with several topics");
    this.#log = (state?.log ?? []).map(({ topic, data }) => ({ topic, data }));
    this.#firstOffset = state?.base_offset ?? 0;
    this.#publishers = new Map(Object.entries(state?.publishers ?? {}));
    setSignalHandler(PUBLISH_SIGNAL, (input: unknown) => this.#take(input));
    setUpdateHandler(POLL_HANDLER, (input: PollInput) => this.#answerPoll(input), {
      validator: (input: unknown) => this.#admitPoll(input),
      // A subscriber whose poll ends with the workflow reads the rest by queries.
      unfinishedPolicy: "abandon",
    });
    setQueryHandler(POLL_HANDLER, (input: unknown) => this.#collect(toPollInput(input)));
    setQueryHandler(OFFSET_QUERY, () => this.#nextOffset);
  }

  /** A topic to publish to. Its name is what subscribers ask for. */
  topic<T = unknown>(name: string): WorkflowTopicHandle<T> {
    return {
      name,
      publish: (value) => {
        this.#log.push({ topic: name, data: encodeItem(payloadConverter().toPayload(value)) });
      },
    };
  }

  /** The stream as the next run takes it. Call {@link detachPollers} and let all handlers finish first. */
  getState(options: StreamStateOptions = {}): WorkflowStreamState {
    const { publisherTtl } = options;
    const ttlMs = publisherTtl === undefined ? DEFAULT_PUBLISHER_TTL_MS : toDurationMs(publisherTtl);
    const isRecent = ([, { last_seen }]: [string, PublisherState]): boolean => time() - parseTime(last_seen) < ttlMs;
    return {
      log: this.#log.map(({ topic, data }) => ({ topic, data, offset: 0 })),
      base_offset: this.#firstOffset,
      publishers: Object.fromEntries([...this.#publishers].filter(isRecent)),
    };
  }

  /** Answers all polls that wait and refuses new ones, whose subscribers try again at the next run. */
  detachPollers(): void {
    this.#isDraining = true;
  }

  /**
   * Goes on in a new run, to which subscribers follow: detaches them, lets all handlers finish and continues as new.
   *
   * @param toArgs Makes the arguments of the new run, with the state among them.
   */
  async continueAsNew(
    toArgs: (state: WorkflowStreamState) => readonly unknown[],
    options: StreamStateOptions & ContinueAsNewOptions = {},
  ): Promise<never> {
    const { publisherTtl, ...others } = options;
    this.detachPollers();
    await waitCondition(allHandlersFinished);
    return continueAsNew({ ...others, args: toArgs(this.getState({ publisherTtl })) });
  }

  /**
   * Forgets the items before an offset. Subscribers who have not read them go on at the first that is left.
   *
   * @throws {ApplicationError} Of type `TruncateOutOfRange` if there is no such offset yet.
   */
  truncate(upToOffset: number): void {
    const count = upToOffset - this.#firstOffset;
    if (!Number.isSafeInteger(count) || count > this.#log.length)
      throw new ApplicationError(
        `Cannot truncate to offset ${upToOffset}: valid range is [${this.#firstOffset}, ${this.#nextOffset}]`,
        { type: "TruncateOutOfRange" },
      );
    if (count <= 0) return;
    this.#log = this.#log.slice(count);
    this.#firstOffset = upToOffset;
  }

  get #nextOffset(): number {
    return this.#firstOffset + this.#log.length;
  }

  /** A batch that cannot be read is dropped: its sender cannot be told, and the workflow is not to fail for it. */
  #take(input: unknown): void {
    const batch = readPublishInput(input);
    if (batch === undefined) {
      logger.warn("Dropping a batch of stream items: it cannot be read");
      return;
    }
    const { items, publisher_id: publisher, sequence } = batch;
    if (publisher !== "") {
      const known = this.#publishers.get(publisher);
      if (known !== undefined && sequence <= known.sequence) return;
      this.#publishers.set(publisher, { sequence, last_seen: now().toISOString() });
    }
    for (const { topic, data } of items) this.#log.push({ topic, data });
  }

  #admitPoll(input: unknown): void {
    toPollInput(input);
    if (this.#isDraining)
      throw new ApplicationError("Workflow pollers are detached for continue-as-new", { type: STREAM_DRAINING });
  }

  async #answerPoll(given: PollInput): Promise<PollResult> {
    const input = toPollInput(given);
    const { from_offset: from } = input;
    // The stream may be truncated past the poll while that waits.
    await waitCondition(() => from < this.#firstOffset || from < this.#nextOffset || this.#isDraining);
    if (from !== 0 && from < this.#firstOffset)
      throw new ApplicationError(
        `Requested offset ${from} has been truncated. Current base offset is ${this.#firstOffset}.`,
        { type: TRUNCATED_OFFSET },
      );
    return this.#collect(input);
  }

  #collect({ topics, from_offset: from }: PollInput): PollResult {
    const start = Math.max(0, from - this.#firstOffset);
    const wanted = new Set(topics);
    const items: StreamEntry[] = [];
    let bytes = 0;
    for (let at = start; at < this.#log.length; at++) {
      const entry = this.#log[at];
      if (entry === undefined || (wanted.size > 0 && !wanted.has(entry.topic))) continue;
      const offset = this.#firstOffset + at;
      bytes += sizeOf(entry);
      if (bytes > POLL_RESULT_BYTES_MAX && items.length > 0) return { items, next_offset: offset, more_ready: true };
      items.push({ ...entry, offset });
    }
    return { items, next_offset: this.#nextOffset, more_ready: false };
  }
}

function toPollInput(input: unknown): PollInput {
  const poll = readPollInput(input);
  if (poll === undefined)
    throw new ApplicationError("Cannot poll: the argument is not topics and an offset", { type: "InvalidPoll" });
  return poll;
}

function parseTime(text: string): number {
  // eslint-disable-next-line no-restricted-globals -- with a text given, it reads no clock
  return Date.parse(text);
}
