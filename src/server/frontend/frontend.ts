import { OperatorService } from "../../proto/gen/operatorservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { IncomingCall, RpcHandler } from "../../rpc/transport.ts";
import { toRPCError, unimplemented } from "../failures.ts";
import { EngineFailedError } from "../history/engine-error.ts";
import type { Services } from "../services.ts";
import { activityAdministrationCalls } from "./activity-administration.ts";
import { activityExecutionAdministrationCalls } from "./activity-execution-administration.ts";
import { activityExecutionListCalls } from "./activity-execution-lists.ts";
import { activityExecutionCalls } from "./activity-executions.ts";
import { activityTaskCalls } from "./activity-tasks.ts";
import { batchCalls } from "./batch-calls.ts";
import type { CallRow, CallTable } from "./calls.ts";
import { compatibleBuildCalls } from "./compatible-build-calls.ts";
import { deploymentCalls } from "./deployment-calls.ts";
import { deploymentVersionCalls } from "./deployment-versions.ts";
import { describeCalls } from "./describe.ts";
import { disabledCalls } from "./disabled-calls.ts";
import { executionCalls } from "./executions.ts";
import { historyCalls } from "./histories.ts";
import { listCalls } from "./lists.ts";
import { multiOperationCalls } from "./multi-operation.ts";
import { namespaceCalls } from "./namespace-calls.ts";
import { nexusEndpointCalls } from "./nexus-endpoint-calls.ts";
import { nexusTaskCalls } from "./nexus-tasks.ts";
import { nexusExecutionCalls } from "./nexus-execution-calls.ts";
import { nexusExecutionListCalls } from "./nexus-execution-lists.ts";
import { operatorCalls } from "./operator-calls.ts";
import { queryCalls } from "./query-calls.ts";
import { resetCalls } from "./resets.ts";
import { runAdministrationCalls } from "./run-administration.ts";
import { scheduleCalls } from "./schedule-calls.ts";
import { startCalls } from "./starts.ts";
import { systemCalls } from "./system.ts";
import { taskQueueCalls } from "./task-queue-calls.ts";
import { timeSkippingCalls } from "./time-skipping-calls.ts";
import { timeSkippingPollCalls } from "./time-skipping-poll.ts";
import { updateCalls } from "./update-calls.ts";
import { versionRuleCalls } from "./version-rule-calls.ts";
import { workerCalls } from "./worker-calls.ts";
import { workflowTaskCalls } from "./workflow-tasks.ts";

const groups: readonly ((services: Services) => readonly CallRow[])[] = [
  systemCalls,
  namespaceCalls,
  startCalls,
  workflowTaskCalls,
  activityTaskCalls,
  nexusTaskCalls,
  nexusEndpointCalls,
  executionCalls,
  historyCalls,
  describeCalls,
  queryCalls,
  resetCalls,
  runAdministrationCalls,
  activityAdministrationCalls,
  activityExecutionCalls,
  activityExecutionListCalls,
  activityExecutionAdministrationCalls,
  nexusExecutionCalls,
  nexusExecutionListCalls,
  updateCalls,
  multiOperationCalls,
  listCalls,
  scheduleCalls,
  taskQueueCalls,
  workerCalls,
  deploymentCalls,
  deploymentVersionCalls,
  batchCalls,
  compatibleBuildCalls,
  versionRuleCalls,
  disabledCalls,
  operatorCalls,
  timeSkippingCalls,
  timeSkippingPollCalls,
];

/** Serves the RPCs of the Temporal Service. What is not built answers `UNIMPLEMENTED`. */
export class Frontend implements RpcHandler {
  readonly #calls: CallTable;
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
    this.#calls = new Map(groups.flatMap((group) => group(services)));
  }

  async handle(call: IncomingCall): Promise<Uint8Array> {
    const served = this.#calls.get(call.path);
    if (served === undefined) throw unimplemented(unservedMessage(call.path));
    try {
      return await served(call);
    } catch (thrown) {
      const error = await this.#durableError(thrown);
      const failure = toRPCError(error);
      if (failure.cause !== undefined && failure.status === 13) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#services.logger.error("a call failed unexpectedly", { path: call.path, reason });
      }
      throw failure;
    }
  }

  // An error too tells how things are, such as that a run is there already: a crash must not take that back.
  async #durableError(thrown: unknown): Promise<unknown> {
    if (thrown instanceof EngineFailedError) return thrown;
    return this.#services.engine.durable.then(
      () => thrown,
      (failed: unknown) => failed,
    );
  }

  /** Paths of the RPCs of the service that are not built. */
  get unserved(): readonly string[] {
    return [WorkflowService, OperatorService]
      .flatMap(({ methods }) => Object.values<{ readonly path: string }>(methods))
      .map(({ path }) => path)
      .filter((path) => !this.#calls.has(path));
  }
}

function unservedMessage(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `Cannot serve call "${name}": this server does not have it, use a Temporal Service that does`;
}
