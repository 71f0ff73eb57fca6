import { filePathOf, registerScheme } from "./client/index.ts";
import { DirectTransport } from "./rpc/direct-transport.ts";
import type { OwnedTransport } from "./rpc/shared-transport.ts";
import { SharedTransport, shareTransports } from "./rpc/shared-transport.ts";
import type { Transport } from "./rpc/transport.ts";

export {
  ActivityExecution,
  ActivityExecutionDescription,
  ActivityExecutionStatus,
  ActivityFailureError,
  ActivityHandle,
  AsyncActivityCancelledError,
  AsyncActivityHandle,
  Client,
  ClientUsageError,
  CloudOperationsClient,
  Connection,
  HeaderCodecBehavior,
  HistoryEventFilterType,
  openTransport,
  PendingActivityState,
  QueryRejectCondition,
  registerScheme,
  RPCTimeoutOrCancelledError,
  ServiceAnswerError,
  WithStartWorkflowOperation,
  WorkflowContinuedAsNewError,
  WorkflowExecution,
  WorkflowExecutionDescription,
  WorkflowExecutionStatus,
  WorkflowFailureError,
  WorkflowHandle,
  WorkflowHistory,
  WorkflowList,
  WorkflowQueryFailedError,
  WorkflowQueryRejectedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateHandle,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
} from "./client/index.ts";
export type {
  ActivityExecutionCount,
  ActivityExecutionCountGroup,
  ActivityExecutionOptions,
  ActivityOptionsUpdate,
  ActivityOutbound,
  ActivityTarget,
  AsyncActivityCancellationDetails,
  AsyncActivityRef,
  CallOptions,
  CancelActivityInput,
  CancelWorkflowInput,
  ClientInterceptor,
  ClientOptions,
  ClientOutbound,
  CloudConnectOptions,
  ConnectionOptions,
  ConnectOptions,
  CountActivitiesInput,
  CountWorkflowsInput,
  DescribeActivityInput,
  DescribeActivityOptions,
  DescribeWorkflowInput,
  EagerSlot,
  EagerWorker,
  FetchHistoryEventsInput,
  FetchHistoryEventsOptions,
  FetchHistoryOptions,
  GetHandleOptions,
  HandleOptions,
  Headers,
  ListActivitiesInput,
  ListWorkflowsInput,
  ListWorkflowsOptions,
  OpenTransport,
  Pages,
  PauseActivityInput,
  QueryWorkflowInput,
  RawCallOptions,
  RawService,
  ServiceCallOptions,
  ServiceDescriptor,
  SignalWorkflowInput,
  StartActivityInput,
  StartActivityOptions,
  StartedActivity,
  StartedUpdate,
  StartedWorkflow,
  StartUpdateInput,
  StartUpdateWithStartInput,
  StartWorkflowInput,
  StartWorkflowOptions,
  TerminateActivityInput,
  TerminateWorkflowInput,
  TransportOptions,
  UnpauseActivityInput,
  UntypedWorkflow,
  UpdateActivityOptionsInput,
  UpdateInput,
  UpdateOptions,
  UpdateWithStartOptions,
  WithStartOptions,
  WorkflowExecutionCount,
  WorkflowExecutionCountGroup,
  WorkflowExecutionRef,
  WorkflowOptions,
  WorkflowTarget,
} from "./client/index.ts";

// The embedded server is loaded when an address asks for it, not before.
registerScheme("memory", openMemory);
const openFile = shareTransports(startThread);
registerScheme("sqlite", (address) => openFile(filePathOf(address)));

// In the caller's thread, where virtual time is exact.
async function openMemory(): Promise<Transport> {
  const { startServer } = await import("./server/index.ts");
  const server = await startServer();
  return new SharedTransport(new DirectTransport(server.handler), () => server.stop());
}

// In a thread of its own, so that nothing in this one can hold it up.
async function startThread(path: string): Promise<OwnedTransport> {
  const { startServerThread } = await import("./server/index.ts");
  return startServerThread({ store: `sqlite:${path}` });
}
