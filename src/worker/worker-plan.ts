import type { Client } from "../client/index.ts";
import type { Interceptor } from "./interceptor.ts";
import type { RegisteredWorkflows } from "./registered-workflows.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { WorkerConfig } from "./worker-config.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What a worker is put together from. */
export interface WorkerPlan {
  readonly client: Client;
  readonly options: WorkerOptions;
  /** Those of the client too, outermost first. */
  readonly interceptors: readonly Interceptor[];
  readonly config: WorkerConfig;
  readonly runtime: Runtime;
  readonly workflows: RegisteredWorkflows | undefined;
}
