import { callThrough } from "./interceptors.ts";
import type { NexusOperationHandle, NexusOperationOptions, StartNexusOperationInput } from "./nexus-options.ts";
import { writableFrame } from "./runtime/current.ts";
import { NexusCall } from "./runtime/nexus-call.ts";
import { unobserved } from "./runtime/operation.ts";

/** An operation of a Nexus service by its name; `Input` and `Output` are for the compiler only. */
export interface NexusOperationReference<Input, Output> {
  readonly name: string;
  readonly $types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** Calls operations of one Nexus service at one endpoint. */
export interface NexusClient {
  /** Calls an operation; answers once it has started. */
  startOperation<Input, Output>(
    operation: NexusOperationReference<Input, Output>,
    input: Input,
    options?: NexusOperationOptions,
  ): Promise<NexusOperationHandle<Output>>;
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
    operation: NexusOperationReference<Input, Output>,
    input: Input,
    options?: NexusOperationOptions,
  ): Promise<Output>;
  executeOperation<Output = unknown>(
    operation: string,
    input: unknown,
    options?: NexusOperationOptions,
  ): Promise<Output>;
}

/** Makes a client for a Nexus service at an endpoint. */
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
    return unobserved(callThrough(run.outbound, "startNexusOperation", call, startCall));
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
