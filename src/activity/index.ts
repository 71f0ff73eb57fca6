export {
  cancellationDetails,
  cancellationSignal,
  heartbeat,
  inActivity,
  info,
  isCancelled,
  isWorkerShutdown,
  logger,
  metricMeter,
  payloadConverter,
  raiseCompleteAsync,
  shield,
  sleep,
  waitForCancelled,
  waitForWorkerShutdown,
  workerShutdownSignal,
} from "./activity-api.ts";
export { currentActivity, runInActivity } from "./activity-context.ts";
export type { ActivityContext } from "./activity-context.ts";
export type { ActivityInfo } from "./activity-info.ts";
export { toCancellationDetails } from "./cancellation.ts";
export type { ActivityCancellationDetails } from "./cancellation.ts";
export { CompleteAsyncError, NotInActivityError } from "./complete-async-error.ts";
export { ActivityDefinitionError, definitionOf, defn, implement } from "./definition.ts";
export type { ActivityDefinitionOptions, ActivityFunction } from "./definition.ts";
