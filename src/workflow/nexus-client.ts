import type { OperationDefinition } from "nexus-rpc";
import { inGroups } from "./event-groups.ts";
import { callThrough } from "./interceptors.ts";
import type { NexusOperationHandle, NexusOperationOptions, StartNexusOperationInput } from "./nexus-options.ts";
import { writableFrame } from "./runtime/current.ts";
import { NexusCall } from "./runtime/nexus-call.ts";
import { unobserved } from "./runtime/operation.ts";

/** Calls operations of one Nexus service at one endpoint. */
export interface NexusClient {
  /** Calls an operation of a contract; answers once it has started. */
  startOperation<Input, Output>(
    operation: OperationDefinition<Input, Output>,
    input: Input,
    options?: NexusOperationOptions,
  ): Promise<NexusOperationHandle<Output>>;
  /** By its name. */
  startOperation<Output = unknown>(
    operation: string,
    input: unknown,
    options?: NexusOperationOptions,
  ): Promise<NexusOperationHandle<Output>>;
  /**
   * Calls an operation and waits for its result.
   *
   * @throws {NexusOperationError} If it does not succeed.
   */
  executeOperation<Input, Output>(
    operation: OperationDefinition<Input, Output>,
    input: Input,
    options?: NexusOperationOptions,
  ): Promise<Output>;
  /** By its name. */
  executeOperation<Output = unknown>(
    operation: string,
    input: unknown,
    options?: NexusOperationOptions,
  ): Promise<Output>;
}

/** Makes a client for a Nexus service, by its contract or its name, at an endpoint. */
export function createNexusClient(target: {
  readonly endpoint: string;
  readonly service: string | { readonly name: string };
}): NexusClient {
  const { endpoint } = target;
  const service = typeof target.service === "string" ? target.service : target.service.name;
  const startOperation = (
    operation: string | { readonly name: string },
    input: unknown,
    options: NexusOperationOptions = {},
  ): Promise<NexusOperationHandle<unknown>> => {
    const { run } = writableFrame("call a Nexus operation");
    const name = typeof operation === "string" ? operation : operation.name;
    const call: StartNexusOperationInput = { endpoint, service, operation: name, input, options };
    return unobserved(
      callThrough(run.outbound, "startNexusOperation", call, (current) =>
        inGroups(current.options.eventGroups, () => startCall(current)),
      ),
    );
  };
  const executeOperation = (
    operation: string | { readonly name: string },
    input: unknown,
    options?: NexusOperationOptions,
  ): Promise<unknown> => unobserved(startOperation(operation, input, options).then((handle) => handle.result()));
  return { startOperation, executeOperation } as NexusClient;
}

async function startCall(input: StartNexusOperationInput): Promise<NexusOperationHandle<unknown>> {
  const { run, scope } = writableFrame("call a Nexus operation");
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) throw cancelled;
  const call = new NexusCall(run, scope, input);
  const operationToken = await call.start.promise;
  return {
    operationToken,
    result: () => call.result.promise,
    cancel: () => {
      writableFrame("cancel a Nexus operation");
      call.requestCancel();
    },
  };
}
