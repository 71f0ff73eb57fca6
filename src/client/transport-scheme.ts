import { resolve } from "node:path";
import type { GrpcTransportOptions } from "../rpc/grpc-transport.ts";
import type { Transport } from "../rpc/transport.ts";

/** How a service is reached over the network; schemes that need none of it ignore it. */
export type TransportOptions = Omit<GrpcTransportOptions, "address">;

/** Opens a transport to the service that an address such as `sqlite:./app.db` means. */
export type OpenTransport = (address: string, options: TransportOptions) => Promise<Transport>;

const schemes = new Map<string, OpenTransport>();

/** Makes addresses that begin with `scheme` and a colon mean what `open` opens. A scheme registered again is replaced. */
export function registerScheme(scheme: string, open: OpenTransport): void {
  schemes.set(scheme, open);
}

/**
 * Opens a transport: by its scheme, or over gRPC to `host:port`.
 *
 * @throws {AddressError} If the address is neither.
 */
export async function openTransport(address: string, options: TransportOptions): Promise<Transport> {
  const open = schemes.get(address.slice(0, Math.max(0, address.indexOf(":"))));
  if (open !== undefined) return open(address, options);
  // HTTP/2 and TLS are a quarter of what the client loads, and a server in this process needs neither.
  const { GrpcTransport } = await import("../rpc/grpc-transport.ts");
  return new GrpcTransport({ ...options, address });
}

/** The absolute path of the file that an address such as `sqlite:./app.db` names. */
export function filePathOf(address: string): string {
  return resolve(address.slice(address.indexOf(":") + 1));
}
