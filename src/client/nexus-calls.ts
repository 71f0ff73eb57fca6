import { toNexusIDConflictCode, toNexusIDReuseCode } from "../core/options/nexus-operations.ts";
import { fromMs } from "../core/replay/proto-time.ts";
import type { Duration } from "../core/time/duration.ts";
import { toDurationMs } from "../core/time/duration.ts";
import { NexusOperationAlreadyStartedError } from "../payload/already-started-error.ts";
import { encodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import { NexusOperationWaitStage } from "../proto/gen/enums.ts";
import { NexusOperationExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import type { Duration as DurationMessage } from "../proto/gen/google/protobuf.ts";
import { NexusOperationExecutionInfo } from "../proto/gen/nexus.ts";
import { WorkflowService, type PollNexusOperationExecutionResponse } from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { newRequestId } from "./calls-context.ts";
import { NexusOperationFailureError } from "./client-error.ts";
import { firstDetail } from "./error-details.ts";
import { toNexusCount } from "./nexus-count.ts";
import { describeNexusExecution, NexusOperationExecution } from "./nexus-execution.ts";
import type { ClientOutbound } from "./interceptor.ts";
import type {
  GetNexusOperationResultInput,
  ListNexusOperationsInput,
  NexusOperationTarget,
  StartedNexusOperation,
  StartNexusOperationInput,
} from "./nexus-inputs.ts";
import { PagedList } from "./paged-list.ts";
import { toUserMetadata } from "./start-request.ts";

const { methods } = WorkflowService;

type NexusCalls = Pick<
  ClientOutbound,
  | "startNexusOperation"
  | "describeNexusOperation"
  | "getNexusOperationResult"
  | "cancelNexusOperation"
  | "terminateNexusOperation"
  | "listNexusOperations"
  | "countNexusOperations"
>;

/** All that a client asks of the service about Nexus operations that no workflow calls. */
export function createNexusCalls(context: CallsContext): NexusCalls {
  const { connection, namespace, identity, dataConverter } = context;
  const reference = (target: NexusOperationTarget) => ({
    namespace,
    identity,
    requestId: newRequestId(context),
    ...toIds(target),
  });
  const retried = (input: { readonly call: object }) => ({ ...input.call, retry: true });
  return {
    startNexusOperation: (input) => startNexusOperation(context, input),
    async describeNexusOperation(input) {
      const request = { namespace, ...toIds(input) };
      const { info } = await connection.call(methods.DescribeNexusOperationExecution, request, retried(input));
      return describeNexusExecution(info ?? NexusOperationExecutionInfo.create(), dataConverter);
    },
    getNexusOperationResult: (input) => getNexusOperationResult(context, input),
    async cancelNexusOperation(input) {
      const request = { ...reference(input), reason: input.reason };
      await connection.call(methods.RequestCancelNexusOperationExecution, request, retried(input));
    },
    async terminateNexusOperation(input) {
      const request = { ...reference(input), reason: input.reason };
      await connection.call(methods.TerminateNexusOperationExecution, request, retried(input));
    },
    listNexusOperations: (input) => listNexusOperations(context, input),
    async countNexusOperations(input) {
      const request = { namespace, query: input.query };
      return toNexusCount(await connection.call(methods.CountNexusOperationExecutions, request, retried(input)));
    },
  };
}

async function startNexusOperation(
  { connection, namespace, identity, ...context }: CallsContext,
  { endpoint, service, operation, input, options }: StartNexusOperationInput,
): Promise<StartedNexusOperation> {
  const dataConverter = context.dataConverter.withContext({ kind: "nexus", endpoint, service, operation });
  const { id: operationId, searchAttributes, timeoutMs, metadata, signal } = options;
  const [payload] = await dataConverter.encode([input]);
  const request = {
    namespace,
    identity,
    requestId: newRequestId({ connection }),
    operationId,
    endpoint,
    service,
    operation,
    input: payload,
    idReusePolicy: toNexusIDReuseCode(options.idReusePolicy ?? "allowDuplicate"),
    idConflictPolicy: toNexusIDConflictCode(options.idConflictPolicy ?? "fail"),
    scheduleToCloseTimeout: toTimeout(options.scheduleToCloseTimeout),
    scheduleToStartTimeout: toTimeout(options.scheduleToStartTimeout),
    startToCloseTimeout: toTimeout(options.startToCloseTimeout),
    searchAttributes: searchAttributes && encodeSearchAttributes(searchAttributes),
    nexusHeader: options.headers ?? {},
    userMetadata: await toUserMetadata(dataConverter, { staticSummary: options.summary }),
  };
  try {
    const call = { timeoutMs, metadata, signal, retry: true };
    const { runId } = await connection.call(methods.StartNexusOperationExecution, request, call);
    return { operationId, operationRunId: runId };
  } catch (error) {
    throw alreadyStarted(error, operationId) ?? error;
  }
}

function alreadyStarted(error: unknown, operationId: string): NexusOperationAlreadyStartedError | undefined {
  if (!(error instanceof RPCError) || error.status !== RPCStatusCode.ALREADY_EXISTS) return undefined;
  const failure = firstDetail(error.details, NexusOperationExecutionAlreadyStartedFailure);
  return failure && new NexusOperationAlreadyStartedError(operationId, { runId: failure.runId });
}

async function getNexusOperationResult(context: CallsContext, input: GetNexusOperationResultInput): Promise<unknown> {
  const { started } = input;
  const dataConverter =
    started === undefined ? context.dataConverter : context.dataConverter.withContext({ kind: "nexus", ...started });
  const outcome = await pollOutcome(context, input);
  if (outcome.case === "failure")
    throw new NexusOperationFailureError(await dataConverter.decodeFailure(outcome.value));
  return (await dataConverter.decode([outcome.value]))[0];
}

type Outcome = NonNullable<PollNexusOperationExecutionResponse["outcome"]>;

async function pollOutcome(
  { connection, namespace }: CallsContext,
  input: GetNexusOperationResultInput,
): Promise<Outcome> {
  const request = { namespace, ...toIds(input), waitStage: NexusOperationWaitStage.CLOSED };
  for (;;) {
    try {
      const call = { ...input.call, kind: "longPoll", retry: true } as const;
      const { outcome } = await connection.call(methods.PollNexusOperationExecution, request, call);
      // An empty answer says that the operation is not over yet.
      if (outcome !== undefined) return outcome;
    } catch (error) {
      // The time is one of a single poll.
      if (!(error instanceof RPCError) || error.status !== RPCStatusCode.DEADLINE_EXCEEDED) throw error;
    }
  }
}

function listNexusOperations(
  { connection, namespace }: CallsContext,
  input: ListNexusOperationsInput,
): PagedList<NexusOperationExecution> {
  return new PagedList({
    nextPageToken: input.nextPageToken,
    limit: input.limit,
    fetch: async (nextPageToken, limit = Number.POSITIVE_INFINITY) => {
      const pageSize = Math.min(input.pageSize, limit);
      const request = { namespace, query: input.query, pageSize, nextPageToken };
      const call = { ...input.call, retry: true };
      const response = await connection.call(methods.ListNexusOperationExecutions, request, call);
      const entries = response.operations.map((info) => new NexusOperationExecution(info));
      return { entries, nextPageToken: response.nextPageToken };
    },
  });
}

function toIds({ operationId, operationRunId = "" }: NexusOperationTarget): { operationId: string; runId: string } {
  return { operationId, runId: operationRunId };
}

function toTimeout(duration: Duration | undefined): DurationMessage | undefined {
  return duration === undefined ? undefined : fromMs(toDurationMs(duration));
}
