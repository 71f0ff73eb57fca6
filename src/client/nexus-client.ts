import type { OperationDefinition } from "nexus-rpc";
import { NexusOperationHandle } from "./nexus-handle.ts";
import type { ClientOutbound } from "./interceptor.ts";
import type { StartNexusOperationOptions } from "./nexus-inputs.ts";

/** Whose operations a client calls, and where. */
export interface NexusClientTarget {
  readonly endpoint: string;
  /** A service of `nexus-rpc`, or its name. */
  readonly service: string | { readonly name: string };
}

/** Calls operations of one Nexus service at one endpoint, without a workflow. */
export class NexusClient {
  readonly endpoint: string;
  /** Its name. */
  readonly service: string;
  readonly #outbound: ClientOutbound;

  /** Clients make these. */
  constructor(outbound: ClientOutbound, { endpoint, service }: NexusClientTarget) {
    this.#outbound = outbound;
    this.endpoint = endpoint;
    this.service = typeof service === "string" ? service : service.name;
  }

  /**
   * Starts an operation.
   *
   * @throws {NexusOperationAlreadyStartedError} If its id is taken.
   */
  startOperation<Input, Output>(
    operation: OperationDefinition<Input, Output>,
    input: Input,
    options: StartNexusOperationOptions,
  ): Promise<NexusOperationHandle<Output>>;
  /** By its name. */
  startOperation<Output = unknown>(
    operation: string,
    input: unknown,
    options: StartNexusOperationOptions,
  ): Promise<NexusOperationHandle<Output>>;
  async startOperation(
    operation: string | { readonly name: string },
    input: unknown,
    options: StartNexusOperationOptions,
  ): Promise<NexusOperationHandle> {
    const { endpoint, service } = this;
    const name = typeof operation === "string" ? operation : operation.name;
    const call = { endpoint, service, operation: name, input, options };
    const ids = await this.#outbound.startNexusOperation(call);
    return new NexusOperationHandle({
      ...ids,
      started: { endpoint, service, operation: name },
      outbound: this.#outbound,
    });
  }

  /**
   * Starts an operation and waits for its result.
   *
   * @throws {NexusOperationAlreadyStartedError} If its id is taken.
   * @throws {NexusOperationFailureError} If it ends otherwise than by completing.
   */
  executeOperation<Input, Output>(
    operation: OperationDefinition<Input, Output>,
    input: Input,
    options: StartNexusOperationOptions,
  ): Promise<Output>;
  /** By its name. */
  executeOperation<Output = unknown>(
    operation: string,
    input: unknown,
    options: StartNexusOperationOptions,
  ): Promise<Output>;
  async executeOperation(
    operation: string | { readonly name: string },
    input: unknown,
    options: StartNexusOperationOptions,
  ): Promise<unknown> {
    const handle = await this.startOperation(operation as string, input, options);
    // The time of a call is none for a wait whose end nobody knows.
    const { metadata, signal } = options;
    return handle.result({ metadata, signal });
  }
}
