import type { Client } from "../../client/index.ts";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { WorkerService } from "../worker-service.ts";
import { ActivityPool } from "./activity-pool.ts";
import type { PlacedActivities } from "./placement.ts";

/** What {@link createActivityPools} works with. */
export interface ActivityPoolsOptions {
  readonly client: Client;
  readonly service: WorkerService;
  readonly runtime: Runtime;
}

/** Makes a pool for each module whose activities do not run on the worker's own thread; `undefined` if there is none. */
export function createActivityPools(
  placed: readonly PlacedActivities[],
  { client, service, runtime }: ActivityPoolsOptions,
): ReadonlyMap<PlacedActivities, ActivityPool> | undefined {
  if (placed.length === 0) return undefined;
  const { namespace, identity } = service.self;
  // A client with a converter of its own would read and write other payloads than one without.
  const clientFault =
    client.dataConverter === defaultDataConverter
      ? undefined
      : "Cannot use the activity's client in a thread or process of its own: the worker's client has a data converter, which cannot get there; use it in an activity on the worker's own thread";
  const init = { namespace, identity, clientFault, measures: runtime.sdkMetricMeter !== undefined };
  const options = { init, connection: () => service.connection, logger: runtime.logger };
  return new Map(placed.map((activities) => [activities, new ActivityPool(activities, options)]));
}
