import type { Clock } from "../core/time/clock.ts";
import type { CompatibleBuilds } from "./deployments/compatible-builds.ts";
import type { Deployments } from "./deployments/deployments.ts";
import type { Activities } from "./activities/activities.ts";
import type { Engine } from "./history/engine.ts";
import type { NexusExecutions } from "./nexus-executions/nexus-executions.ts";
import type { QueryRegistry } from "./history/queries.ts";
import type { UpdateWaits } from "./history/update-waits.ts";
import type { Logger } from "../core/telemetry/logger.ts";
import type { QueueConfigs } from "./matching/queue-configs.ts";
import type { Matching } from "./matching/matching.ts";
import type { Namespaces } from "./namespaces/namespaces.ts";
import type { CircuitBreakers } from "./nexus/circuit-breakers.ts";
import type { NexusEndpoints } from "./nexus/endpoints.ts";
import type { NexusRequests } from "./nexus/nexus-requests.ts";
import type { Settings } from "./settings.ts";
import type { Schedules } from "./schedules/schedules.ts";
import type { Store } from "./store/store.ts";
import type { TimeSkipping } from "./time/time-skipping.ts";
import type { WorkerCommands } from "./worker-commands.ts";
import type { WorkerRegistry } from "./workers.ts";

/** All that the calls of the frontend are served with. */
export interface Services {
  readonly engine: Engine;
  readonly matching: Matching;
  readonly namespaces: Namespaces;
  readonly queries: QueryRegistry;
  readonly updates: UpdateWaits;
  readonly workers: WorkerRegistry;
  readonly schedules: Schedules;
  readonly deployments: Deployments;
  readonly compatibleBuilds: CompatibleBuilds;
  readonly queueConfigs: QueueConfigs;
  /** Those that no workflow has scheduled. */
  readonly activities: Activities;
  /** Nexus operations that no workflow has scheduled. */
  readonly nexusExecutions: NexusExecutions;
  readonly nexusEndpoints: NexusEndpoints;
  readonly nexusRequests: NexusRequests;
  readonly workerCommands: WorkerCommands;
  readonly breakers: CircuitBreakers;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings;
  /** Makes a fresh UUID. */
  readonly newId: () => string;
  /** Of this server's data, not of its process. */
  readonly clusterId: string;
  /** Only of a server that may skip time. */
  readonly timeSkipping: TimeSkipping | undefined;
}
