import { scriptedClient, type Script } from "../../client/scripted-service.test-support.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { noopMetricMeter } from "../../core/telemetry/metric-meter.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import type {
  RespondNexusTaskCompletedRequest,
  RespondNexusTaskFailedRequest,
} from "../../proto/gen/workflowservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Request } from "../../proto/gen/nexus.ts";
import { WorkerService } from "../worker-service.ts";
import type { NexusHost } from "./nexus-host.ts";
import { NexusRegistry, type NexusServiceHandler } from "./nexus-registry.ts";
import { NexusRequest } from "./nexus-request.ts";
import { toNexusTask } from "./nexus-task.ts";

/** What a service was told of requests. */
export interface NexusReports {
  readonly completed: RespondNexusTaskCompletedRequest[];
  readonly failed: RespondNexusTaskFailedRequest[];
}

/** A host of Nexus handlers with a clock that tests move, and a service that notes what it is told. */
export function createNexusBench(handler: NexusServiceHandler, changes: Partial<NexusHost> = {}, script: Script = {}) {
  const reports: NexusReports = { completed: [], failed: [] };
  const { client, connection } = scriptedClient({
    RespondNexusTaskCompleted: (request) => {
      reports.completed.push(request);
      return {};
    },
    RespondNexusTaskFailed: (request) => {
      reports.failed.push(request);
      return {};
    },
    ...script,
  });
  const self = { namespace: "default", identity: "w", buildId: "", instanceKey: "", deployment: undefined };
  const service = new WorkerService(self, connection);
  const clock = new VirtualClock(1_000_000);
  const host: NexusHost = {
    registry: new NexusRegistry([handler]),
    namespace: "default",
    taskQueue: "q",
    dataConverter: defaultDataConverter,
    interceptors: [],
    logger: silentLogger,
    metricMeter: noopMetricMeter,
    metrics: undefined,
    client,
    workerShutdownSignal: new AbortController().signal,
    ...changes,
    clock,
  };
  const request = (init: Init<Request>): NexusRequest => {
    const { response } = WorkflowService.methods.PollNexusTaskQueue;
    return new NexusRequest(
      host,
      service,
      toNexusTask(response.create({ taskToken: new Uint8Array([1]), request: init })),
    );
  };
  return { clock, reports, request };
}

/** A request to start an operation, for a service that takes failures as they are unless told otherwise. */
export function startOf(operation: string, input: unknown, changes: Init<Request> = {}): Init<Request> {
  const payload = defaultDataConverter.payloadConverter.toPayload(input);
  return {
    endpoint: "e",
    capabilities: { temporalFailureResponses: true },
    variant: { case: "startOperation", value: { service: "s", operation, requestId: "request-1", payload } },
    ...changes,
  };
}
