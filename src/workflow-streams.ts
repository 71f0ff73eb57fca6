export { WorkflowStreamError } from "./streams/stream-error.ts";
export type {
  SubscribeOptions,
  TopicHandle,
  TopicSubscribeOptions,
  WorkflowStreamClientOptions,
  WorkflowStreamItem,
} from "./streams/stream-client.ts";
export { WorkflowStreamClient } from "./streams/stream-client.ts";
export type {
  PollInput,
  PollResult,
  PublisherState,
  PublishEntry,
  PublishInput,
  StreamEntry,
  StreamStateOptions,
  WorkflowStreamState,
  WorkflowTopicHandle,
} from "./workflow/streams.ts";
export { WorkflowStream } from "./workflow/streams.ts";
