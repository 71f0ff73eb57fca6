import type { GrpcTransportOptions } from "../rpc/grpc-transport.ts";
import type { Transport } from "../rpc/transport.ts";

/** How a service is reached over the network; schemes that need none of it ignore it. */
export type TransportOptions = Omit<GrpcTransportOptions, "address">;

/** Opens a transport to the service that an address such as `sqlite:./app.db` means. */
export type OpenTransport = (address: string, options: TransportOptions) => Promise<Transport>;
