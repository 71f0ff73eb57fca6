import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { IndexedValueType, NamespaceState } from "../../proto/gen/enums.ts";

/** How long a closed run is kept where nobody says otherwise, as the development server has it. */
export const RETENTION_DEFAULT_MS = 24 * 3_600_000;

/** What the server knows of a namespace. */
export interface Namespace {
  readonly id: string;
  readonly name: string;
  readonly state: NamespaceState;
  readonly description: string;
  readonly ownerEmail: string;
  readonly data: Readonly<Record<string, string>>;
  /** How long a closed run is kept. */
  readonly retentionMs: number;
  readonly isGlobal: boolean;
  /** Custom search attributes: types by name. */
  readonly searchAttributes: Readonly<Record<string, IndexedValueType>>;
}

/** A namespace of which only name and id are known. */
export function newNamespace(id: string, name: string): Namespace {
  return {
    id,
    name,
    state: NamespaceState.REGISTERED,
    description: "",
    ownerEmail: "",
    data: {},
    retentionMs: RETENTION_DEFAULT_MS,
    isGlobal: false,
    searchAttributes: {},
  };
}

/** The namespace as the store keeps it. */
export function encodeNamespace(namespace: Namespace): Uint8Array {
  return utf8Bytes(JSON.stringify(namespace));
}

/** Undoes {@link encodeNamespace}. */
export function decodeNamespace(bytes: Uint8Array): Namespace {
  const stored = JSON.parse(utf8Text(bytes)) as Namespace;
  return { ...newNamespace(stored.id, stored.name), ...stored };
}

/** Search attributes every namespace has: their types by name. */
export const systemSearchAttributes: Readonly<Record<string, IndexedValueType>> = {
  BatcherNamespace: IndexedValueType.KEYWORD,
  BatcherUser: IndexedValueType.KEYWORD,
  BinaryChecksums: IndexedValueType.KEYWORD_LIST,
  BuildIds: IndexedValueType.KEYWORD_LIST,
  CloseTime: IndexedValueType.DATETIME,
  ExecutionDuration: IndexedValueType.INT,
  ExecutionStatus: IndexedValueType.KEYWORD,
  ExecutionTime: IndexedValueType.DATETIME,
  HistoryLength: IndexedValueType.INT,
  HistorySizeBytes: IndexedValueType.INT,
  ParentRunId: IndexedValueType.KEYWORD,
  ParentWorkflowId: IndexedValueType.KEYWORD,
  RootRunId: IndexedValueType.KEYWORD,
  RootWorkflowId: IndexedValueType.KEYWORD,
  RunId: IndexedValueType.KEYWORD,
  StartTime: IndexedValueType.DATETIME,
  StateTransitionCount: IndexedValueType.INT,
  TaskQueue: IndexedValueType.KEYWORD,
  TemporalChangeVersion: IndexedValueType.KEYWORD_LIST,
  TemporalExternalPayloadCount: IndexedValueType.INT,
  TemporalExternalPayloadSizeBytes: IndexedValueType.INT,
  TemporalNamespaceDivision: IndexedValueType.KEYWORD,
  TemporalPauseInfo: IndexedValueType.KEYWORD_LIST,
  TemporalReportedProblems: IndexedValueType.KEYWORD_LIST,
  TemporalSchedulePaused: IndexedValueType.BOOL,
  TemporalScheduledById: IndexedValueType.KEYWORD,
  TemporalScheduledStartTime: IndexedValueType.DATETIME,
  TemporalUsedWorkerDeploymentVersions: IndexedValueType.KEYWORD_LIST,
  TemporalWorkerDeployment: IndexedValueType.KEYWORD,
  TemporalWorkerDeploymentVersion: IndexedValueType.KEYWORD,
  TemporalWorkflowVersioningBehavior: IndexedValueType.KEYWORD,
  WorkflowId: IndexedValueType.KEYWORD,
  WorkflowType: IndexedValueType.KEYWORD,
};

// What the system fills in itself and no workflow may set.
const filledIn = new Set([
  "CloseTime",
  "ExecutionDuration",
  "ExecutionStatus",
  "ExecutionTime",
  "HistoryLength",
  "HistorySizeBytes",
  "ParentRunId",
  "ParentWorkflowId",
  "RootRunId",
  "RootWorkflowId",
  "RunId",
  "StartTime",
  "StateTransitionCount",
  "TaskQueue",
  "WorkflowId",
  "WorkflowType",
]);

/** Whether only the server itself sets this search attribute. */
export function isFilledIn(attribute: string): boolean {
  return filledIn.has(attribute);
}

/** Type of a search attribute of the namespace; `undefined` for an unknown one. */
export function attributeType(namespace: Namespace, name: string): IndexedValueType | undefined {
  if (Object.hasOwn(namespace.searchAttributes, name)) return namespace.searchAttributes[name];
  return Object.hasOwn(systemSearchAttributes, name) ? systemSearchAttributes[name] : undefined;
}
