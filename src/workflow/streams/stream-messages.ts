import { fromBase64, toBase64 } from "../../proto/base64.ts";
import { Payload } from "../../proto/gen/common.ts";

// Signal, update and queries as workflows and clients of all languages name them. Update and query of a poll share a name.
export const PUBLISH_SIGNAL = "__temporal_workflow_stream_publish";
export const POLL_HANDLER = "__temporal_workflow_stream_poll";
export const OFFSET_QUERY = "__temporal_workflow_stream_offset";

/** Types of the errors by which a workflow answers a poll that it cannot serve. */
export const STREAM_DRAINING = "StreamDraining";
export const TRUNCATED_OFFSET = "TruncatedOffset";

/** One item on its way to a workflow: `data` is its encoded payload as base64. */
export interface PublishEntry {
  readonly topic: string;
  readonly data: string;
}

/** One item as a workflow keeps it and hands it out. */
export interface StreamEntry extends PublishEntry {
  /** Place in the whole stream, from 0, over all topics. Zero in {@link WorkflowStreamState}, where it follows from the order. */
  readonly offset: number;
}

/** Argument of the signal: a batch that is taken as a whole or, if it has come before, not at all. */
export interface PublishInput {
  readonly items: readonly PublishEntry[];
  /** Empty for a batch that nobody tells apart from another. */
  readonly publisher_id: string;
  /** From 1, of one publisher. */
  readonly sequence: number;
}

/** Argument of a poll. */
export interface PollInput {
  /** None: all. */
  readonly topics: readonly string[];
  readonly from_offset: number;
}

/** Answer to a poll. */
export interface PollResult {
  readonly items: readonly StreamEntry[];
  /** Where to poll next. */
  readonly next_offset: number;
  /** Whether there is more at once: the answer would have been too large. */
  readonly more_ready: boolean;
}

/** The last batch of a publisher. */
export interface PublisherState {
  readonly sequence: number;
  /** When it was taken, as ISO 8601 text. */
  readonly last_seen: string;
}

/** A stream as one run hands it to the next; an argument of the workflow. */
export interface WorkflowStreamState {
  readonly log: readonly StreamEntry[];
  readonly base_offset: number;
  readonly publishers: Readonly<Record<string, PublisherState>>;
}

/** A payload as text. */
export function encodeItem(payload: Payload): string {
  return toBase64(Payload.encode(payload));
}

/** The payload of a text; `undefined` if there is none in it. */
export function decodeItem(text: string): Payload | undefined {
  const bytes = fromBase64(text);
  if (bytes === undefined) return undefined;
  try {
    return Payload.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What an item adds to the size of a message, in bytes but for letters beyond ASCII. */
export function sizeOf({ topic, data }: PublishEntry): number {
  return topic.length + data.length;
}

/** A batch as someone sent it; `undefined` if it is none. */
export function readPublishInput(input: unknown): PublishInput | undefined {
  const { items, publisher_id = "", sequence = 0 } = (input ?? {}) as Partial<PublishInput>;
  if (!Array.isArray(items) || typeof publisher_id !== "string" || !Number.isSafeInteger(sequence)) return undefined;
  const isEntry = (entry: unknown): boolean => {
    const { topic, data } = (entry ?? {}) as Partial<PublishEntry>;
    return typeof topic === "string" && typeof data === "string" && decodeItem(data) !== undefined;
  };
  return items.every(isEntry) ? { items: items as PublishEntry[], publisher_id, sequence } : undefined;
}

/** A poll as someone sent it; `undefined` if it is none. */
export function readPollInput(input: unknown): PollInput | undefined {
  const { topics = [], from_offset = 0 } = (input ?? {}) as Partial<PollInput>;
  const isPoll =
    Array.isArray(topics) &&
    topics.every((topic) => typeof topic === "string") &&
    Number.isSafeInteger(from_offset) &&
    from_offset >= 0;
  return isPoll ? { topics, from_offset } : undefined;
}

/** An answer as some workflow gave it; `undefined` if it is none. */
export function readPollResult(answer: unknown): PollResult | undefined {
  const { items = [], next_offset, more_ready = false } = (answer ?? {}) as Partial<PollResult>;
  if (!Array.isArray(items) || typeof next_offset !== "number" || !Number.isSafeInteger(next_offset)) return undefined;
  const isEntry = (entry: unknown): boolean => {
    const { topic, data, offset = 0 } = (entry ?? {}) as Partial<StreamEntry>;
    return typeof topic === "string" && typeof data === "string" && typeof offset === "number";
  };
  return items.every(isEntry) ? { items: items as StreamEntry[], next_offset, more_ready } : undefined;
}
