import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { timestampMs } from "../../core/execution/duration.ts";
import { IndexedValueType, WorkerStatus$names } from "../../proto/gen/enums.ts";
import type { WorkerHeartbeat, WorkerListInfo } from "../../proto/gen/worker.ts";
import type { ListWorkersRequest, ListWorkersResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { VisibilityRow } from "../store/store.ts";
import { matchFilter } from "../store/visibility-match.ts";
import { parseListFilter } from "../visibility/list-filter.ts";
import type { KnownWorker } from "../workers.ts";

const PAGE_SIZE_DEFAULT = 1_000;

// What workers can be filtered by; task queue and start time are columns that runs have as well.
const attributeTypes = {
  WorkerInstanceKey: IndexedValueType.KEYWORD,
  WorkerIdentity: IndexedValueType.KEYWORD,
  HostName: IndexedValueType.KEYWORD,
  DeploymentName: IndexedValueType.KEYWORD,
  BuildId: IndexedValueType.KEYWORD,
  SdkName: IndexedValueType.KEYWORD,
  SdkVersion: IndexedValueType.KEYWORD,
  HeartbeatTime: IndexedValueType.DATETIME,
  WorkerStatus: IndexedValueType.KEYWORD,
  Status: IndexedValueType.KEYWORD,
  status: IndexedValueType.KEYWORD,
} as const;

/** The workers that satisfy a filter, in the order of their keys. */
export function filterWorkers(workers: readonly KnownWorker[], query: string): readonly KnownWorker[] {
  const { where } = parseListFilter(query, attributeTypes);
  const matching = workers.filter((worker) => where === undefined || matchFilter(where, toRow(worker)) === true);
  return matching.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** One page of the workers that satisfy a request's filter. */
export function listWorkers(
  workers: readonly KnownWorker[],
  { query, pageSize, nextPageToken }: ListWorkersRequest,
): Init<ListWorkersResponse> {
  const after = utf8Text(nextPageToken);
  const rest = filterWorkers(workers, query).filter((worker) => keyOf(worker) > after);
  const page = rest.slice(0, pageSize > 0 ? pageSize : PAGE_SIZE_DEFAULT);
  const last = page.at(-1);
  return {
    workersInfo: page.map(({ heartbeat }) => ({ workerHeartbeat: heartbeat })),
    workers: page.map(({ heartbeat }) => toListInfo(heartbeat)),
    ...(last !== undefined && page.length < rest.length ? { nextPageToken: utf8Bytes(keyOf(last)) } : {}),
  };
}

function keyOf({ heartbeat }: KnownWorker): string {
  return heartbeat.workerInstanceKey;
}

function toListInfo(heartbeat: WorkerHeartbeat): Init<WorkerListInfo> {
  const { hostInfo } = heartbeat;
  return {
    workerInstanceKey: heartbeat.workerInstanceKey,
    workerIdentity: heartbeat.workerIdentity,
    taskQueue: heartbeat.taskQueue,
    deploymentVersion: heartbeat.deploymentVersion,
    sdkName: heartbeat.sdkName,
    sdkVersion: heartbeat.sdkVersion,
    status: heartbeat.status,
    startTime: heartbeat.startTime,
    hostName: hostInfo?.hostName ?? "",
    workerGroupingKey: hostInfo?.workerGroupingKey ?? "",
    processId: hostInfo?.processId ?? "",
    plugins: heartbeat.plugins,
    drivers: heartbeat.drivers,
  };
}

/** A worker in the shape that filters are evaluated on; empty texts count as absent. */
function toRow({ heartbeat, namespaceId }: KnownWorker): VisibilityRow {
  const status = (WorkerStatus$names[heartbeat.status] ?? "").replace("WORKER_STATUS_", "");
  const texts = {
    WorkerInstanceKey: heartbeat.workerInstanceKey,
    WorkerIdentity: heartbeat.workerIdentity,
    HostName: heartbeat.hostInfo?.hostName ?? "",
    DeploymentName: heartbeat.deploymentVersion?.deploymentName ?? "",
    BuildId: heartbeat.deploymentVersion?.buildId ?? "",
    SdkName: heartbeat.sdkName,
    SdkVersion: heartbeat.sdkVersion,
  };
  const shortStatus = status
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
  const searchAttributes = {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "")),
    HeartbeatTime: timestampMs(heartbeat.heartbeatTime),
    WorkerStatus: shortStatus,
    Status: shortStatus,
    status: shortStatus,
  };
  return {
    namespaceId,
    workflowId: "",
    runId: "",
    workflowType: "",
    taskQueue: heartbeat.taskQueue,
    status: 0,
    startTimeMs: timestampMs(heartbeat.startTime),
    executionTimeMs: 0,
    closeTimeMs: null,
    historyLength: 0,
    historySizeBytes: 0,
    stateTransitionCount: 0,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: "",
    rootRunId: "",
    searchAttributes,
    memo: new Uint8Array(0),
    encodedSearchAttributes: new Uint8Array(0),
  };
}
