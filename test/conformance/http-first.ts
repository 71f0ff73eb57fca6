import { FetchTransport, GrpcTransport, HttpBindingError, type Transport, type UnaryCall } from "perdure/service";

/**
 * Makes every call that the HTTP API has a path for over HTTP, and the others, such as polls for tasks, over gRPC. The
 * scenarios then say of both what they say of gRPC.
 */
export class HttpFirstTransport implements Transport {
  readonly #http: Transport;
  readonly #grpc: Transport;

  /** @param url Of the HTTP API of the service that is at `address`. */
  constructor(url: string, address: string) {
    this.#http = new FetchTransport({ url });
    this.#grpc = new GrpcTransport({ address });
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    return this.#http.call(call).catch((error: unknown) => {
      if (error instanceof HttpBindingError) return this.#grpc.call(call);
      throw error;
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.#grpc.close()]);
  }
}
