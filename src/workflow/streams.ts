export type {
  PollInput,
  PollResult,
  PublisherState,
  PublishEntry,
  PublishInput,
  StreamEntry,
  WorkflowStreamState,
} from "./streams/stream-messages.ts";
export {
  decodeItem,
  encodeItem,
  OFFSET_QUERY,
  POLL_HANDLER,
  PUBLISH_SIGNAL,
  readPollResult,
  sizeOf,
  STREAM_DRAINING,
  TRUNCATED_OFFSET,
} from "./streams/stream-messages.ts";
export type { StreamStateOptions, WorkflowTopicHandle } from "./streams/workflow-stream.ts";
export { WorkflowStream } from "./streams/workflow-stream.ts";
