import { currentActivity, NotInActivityError } from "./activity/index.ts";
import type { Client } from "./client/index.ts";

export {
  ActivityDefinitionError,
  cancellationDetails,
  cancellationSignal,
  CompleteAsyncError,
  defn,
  heartbeat,
  implement,
  inActivity,
  info,
  isCancelled,
  isWorkerShutdown,
  logger,
  metricMeter,
  NotInActivityError,
  payloadConverter,
  raiseCompleteAsync,
  shield,
  sleep,
  waitForCancelled,
  waitForWorkerShutdown,
  workerShutdownSignal,
} from "./activity/index.ts";
export type {
  ActivityCancellationDetails,
  ActivityDefinitionOptions,
  ActivityFunction,
  ActivityInfo,
} from "./activity/index.ts";

/**
 * The client of the worker that runs this activity.
 *
 * @throws {NotInActivityError} Outside of an activity, and where there is no worker.
 */
export function client(): Client {
  const { client: found } = currentActivity();
  if (found !== undefined) return found as Client;
  throw new NotInActivityError(
    "Cannot use the activity's client: nobody gave one, pass a client to the test environment",
  );
}
