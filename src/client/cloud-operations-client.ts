import type { CloudService } from "../proto/gen/cloud/cloudservice.ts";
import type { ConnectionOptions } from "./connection.ts";
import { Connection } from "./connection.ts";
import { openNodeTransport } from "./node-host.ts";
import type { RawService } from "./raw-service.ts";
import type { TransportOptions } from "./open-transport.ts";

/** How a {@link CloudOperationsClient} connects. */
export interface CloudConnectOptions extends ConnectionOptions, TransportOptions {
  /** @default "saas-api.tmprl.cloud:443" */
  readonly address?: string | undefined;
  /** Version of the API that the caller was written for, sent as `temporal-cloud-api-version`. @default none */
  readonly version?: string | undefined;
}

/** Calls the operations API of Temporal Cloud, which an API key is needed for. */
export class CloudOperationsClient implements AsyncDisposable {
  readonly connection: Connection;
  /** Raw `CloudService`. */
  readonly cloudService: RawService<typeof CloudService>;

  private constructor(connection: Connection, cloudService: RawService<typeof CloudService>) {
    this.connection = connection;
    this.cloudService = cloudService;
  }

  /** Makes a client, which connects with its first call. @throws {AddressError} If the address cannot be read. */
  static async connect(options: CloudConnectOptions = {}): Promise<CloudOperationsClient> {
    const { address = "saas-api.tmprl.cloud:443", version, tls = true, metadata } = options;
    // The messages of this API are many, and few programs use it.
    const { CloudService } = await import("../proto/gen/cloud/cloudservice.ts");
    const transport = await openNodeTransport(address, { ...options, tls });
    const connection = new Connection(transport, {
      ...options,
      metadata: {
        ...metadata,
        ...(version !== undefined && { "temporal-cloud-api-version": version }),
      },
    });
    return new CloudOperationsClient(connection, connection.service(CloudService));
  }

  /** Closes the connection. */
  close(): Promise<void> {
    return this.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
