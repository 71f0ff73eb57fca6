export {
  activityOutcomes,
  messages,
  playOutcomes,
  sendMessages,
  type ActivityOutcome,
  type ActivityOutcomesOptions,
  type Message,
  type MessagesOptions,
} from "./testing/arbitraries.ts";
