import type { Connection } from "../client/index.ts";
import { asRPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { PayloadSizes } from "../payload/payload-limits.ts";
import type { Payloads } from "../proto/gen/common.ts";
import type { WorkerDeploymentOptions } from "../proto/gen/deployment.ts";
import type { WorkerHeartbeat } from "../proto/gen/worker.ts";
import type { Failure } from "../proto/gen/failure.ts";
import {
  WorkflowService,
  type DescribeNamespaceResponse,
  type RecordActivityTaskHeartbeatResponse,
  type RespondNexusTaskCompletedRequest,
  type RespondNexusTaskFailedRequest,
} from "../proto/gen/workflowservice.ts";
import type { Init, MessageType, Method } from "../proto/message.ts";

/** How a worker names itself in its calls. */
export interface WorkerIdentity {
  readonly namespace: string;
  readonly identity: string;
  readonly buildId: string;
  /** A UUID of this worker alone. */
  readonly instanceKey: string;
  readonly deployment: Init<WorkerDeploymentOptions> | undefined;
  /** The task queue that the worker is for. */
  readonly taskQueue?: string | undefined;
}

/** What a worker needs of the client's connection. */
export type WorkerConnection = Pick<Connection, "callEncoded">;

/** Time for one try of a call that is no poll. */
const CALL_TIMEOUT_MS = 10_000;

const { methods } = WorkflowService;

/** The calls that a worker makes of the service. */
export class WorkerService {
  readonly self: WorkerIdentity;
  #connection: WorkerConnection;
  /** Sizes of payloads and memos, in bytes, above which nothing is sent. */
  payloadErrorLimits: PayloadSizes | undefined;
  /** The service suggests how many polls there should be. */
  scalesPolls = false;

  constructor(self: WorkerIdentity, connection: WorkerConnection) {
    this.self = self;
    this.#connection = connection;
  }

  /** Makes calls from now on over another connection; those in progress end as they began. */
  replaceConnection(connection: WorkerConnection): void {
    this.#connection = connection;
  }

  /** The connection that calls go over now. */
  get connection(): WorkerConnection {
    return this.#connection;
  }

  /** One long poll with an encoded request, not tried again. @throws {RPCError} */
  poll(path: string, body: Uint8Array, timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    const call = { path, body, namespace: this.self.namespace, taskQueue: this.self.taskQueue };
    return this.#connection.callEncoded(call, { timeoutMs, signal, kind: "taskPoll" });
  }

  /** A call with an encoded request, tried again where that can help. @throws {RPCError} @throws {PayloadLimitError} */
  callEncoded(path: string, body: Uint8Array): Promise<Uint8Array> {
    const call = { path, body, namespace: this.self.namespace };
    const { payloadErrorLimits } = this;
    return this.#connection.callEncoded(call, { timeoutMs: CALL_TIMEOUT_MS, retry: true, payloadErrorLimits });
  }

  completeActivity(request: { readonly taskToken: Uint8Array; readonly result: Init<Payloads> }): Promise<unknown> {
    return this.#request(methods.RespondActivityTaskCompleted, { ...this.#stamp(), ...request });
  }

  failActivity(request: { readonly taskToken: Uint8Array; readonly failure: Init<Failure> }): Promise<unknown> {
    return this.#request(methods.RespondActivityTaskFailed, { ...this.#stamp(), ...request });
  }

  cancelActivity(request: {
    readonly taskToken: Uint8Array;
    readonly details: Payloads | undefined;
  }): Promise<unknown> {
    return this.#request(methods.RespondActivityTaskCanceled, { ...this.#stamp(), ...request });
  }

  completeNexusTask(request: Init<RespondNexusTaskCompletedRequest>): Promise<unknown> {
    const { namespace, identity } = this.self;
    return this.#request(methods.RespondNexusTaskCompleted, { namespace, identity, ...request });
  }

  failNexusTask(request: Init<RespondNexusTaskFailedRequest>): Promise<unknown> {
    const { namespace, identity } = this.self;
    return this.#request(methods.RespondNexusTaskFailed, { namespace, identity, ...request });
  }

  heartbeatActivity(request: {
    readonly taskToken: Uint8Array;
    readonly details: Init<Payloads>;
  }): Promise<RecordActivityTaskHeartbeatResponse> {
    const { namespace, identity } = this.self;
    return this.#request(methods.RecordActivityTaskHeartbeat, { namespace, identity, ...request });
  }

  /** `undefined` when the service does not know the call. */
  async describeNamespace(): Promise<DescribeNamespaceResponse | undefined> {
    try {
      return await this.#request(methods.DescribeNamespace, { namespace: this.self.namespace });
    } catch (error) {
      if (asRPCError(error).status === RPCStatusCode.UNIMPLEMENTED) return undefined;
      throw error;
    }
  }

  recordWorkerHeartbeat(workerHeartbeat: Init<WorkerHeartbeat>): Promise<unknown> {
    const { namespace, identity } = this.self;
    return this.#request(methods.RecordWorkerHeartbeat, { namespace, identity, workerHeartbeat: [workerHeartbeat] });
  }

  /** Tells the service that this worker polls no more. Tried once. */
  async shutdownWorker(queue: {
    readonly workerHeartbeat: Init<WorkerHeartbeat> | undefined;
    readonly taskQueue: string;
    readonly stickyTaskQueue: string;
    readonly taskQueueTypes: readonly number[];
  }): Promise<void> {
    const { namespace, identity, instanceKey } = this.self;
    const { path, request } = methods.ShutdownWorker;
    const body = request.encode({
      namespace,
      identity,
      workerInstanceKey: instanceKey,
      reason: "graceful shutdown",
      ...queue,
      taskQueueTypes: queue.taskQueueTypes as never,
    });
    await this.#connection.callEncoded({ path, body, namespace }, { timeoutMs: CALL_TIMEOUT_MS });
  }

  #stamp(): {
    readonly namespace: string;
    readonly identity: string;
    readonly workerVersion: { readonly buildId: string; readonly useVersioning: boolean };
    readonly deploymentOptions: Init<WorkerDeploymentOptions> | undefined;
  } {
    const { namespace, identity, buildId, deployment } = this.self;
    return { namespace, identity, workerVersion: { buildId, useVersioning: false }, deploymentOptions: deployment };
  }

  async #request<Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
  ): Promise<Response> {
    const type: MessageType<Request> = method.request;
    return method.response.decode(await this.callEncoded(method.path, type.encode(request)));
  }
}
