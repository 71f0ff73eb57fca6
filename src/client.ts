import { resolve } from "node:path";
import { registerScheme } from "./client/index.ts";
import { DirectTransport } from "./rpc/direct-transport.ts";
import { SharedTransport } from "./rpc/shared-transport.ts";
import type { Transport } from "./rpc/transport.ts";
import type { ServerThread } from "./server/index.ts";

export {
  AsyncActivityCancelledError,
  AsyncActivityHandle,
  Client,
  ClientUsageError,
  Connection,
  HeaderCodecBehavior,
  HistoryEventFilterType,
  openTransport,
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
  AsyncActivityCancellationDetails,
  AsyncActivityRef,
  CallOptions,
  CancelWorkflowInput,
  ClientInterceptor,
  ClientOptions,
  ClientOutbound,
  ConnectionOptions,
  ConnectOptions,
  CountWorkflowsInput,
  DescribeWorkflowInput,
  EagerSlot,
  EagerWorker,
  FetchHistoryEventsInput,
  FetchHistoryEventsOptions,
  FetchHistoryOptions,
  GetHandleOptions,
  HandleOptions,
  Headers,
  ListWorkflowsInput,
  ListWorkflowsOptions,
  OpenTransport,
  Pages,
  QueryWorkflowInput,
  RawCallOptions,
  RawService,
  ServiceCallOptions,
  ServiceDescriptor,
  SignalWorkflowInput,
  StartedUpdate,
  StartedWorkflow,
  StartUpdateInput,
  StartUpdateWithStartInput,
  StartWorkflowInput,
  StartWorkflowOptions,
  TerminateWorkflowInput,
  TransportOptions,
  UntypedWorkflow,
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
registerScheme("memory", () => openMemory());
registerScheme("sqlite", (address) => openSqlite(address));

// In the caller's thread, where virtual time is exact.
async function openMemory(): Promise<Transport> {
  const { startServer } = await import("./server/index.ts");
  const server = await startServer();
  return new SharedTransport(new DirectTransport(server.handler), () => server.stop());
}

/** A server's thread and how many clients of this process use it: a database has one server. */
interface SharedThread {
  readonly thread: Promise<ServerThread>;
  users: number;
}

const threads = new Map<string, SharedThread>();

// In a thread of its own, so that nothing in this one can hold it up.
async function openSqlite(address: string): Promise<Transport> {
  const path = resolve(address.slice("sqlite:".length));
  const shared = threads.get(path) ?? { thread: startSqlite(path), users: 0 };
  threads.set(path, shared);
  shared.users += 1;
  const release = async (): Promise<void> => {
    shared.users -= 1;
    if (shared.users > 0) return;
    threads.delete(path);
    await (await shared.thread).stop();
  };
  try {
    return new SharedTransport((await shared.thread).transport, release);
  } catch (error) {
    threads.delete(path);
    throw error;
  }
}

async function startSqlite(path: string): Promise<ServerThread> {
  const { startServerThread } = await import("./server/index.ts");
  return startServerThread({ store: `sqlite:${path}` });
}
