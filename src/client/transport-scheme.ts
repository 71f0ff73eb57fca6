import { AddressError } from "../rpc/host-port.ts";
import type { Transport } from "../rpc/transport.ts";
import { hostParts } from "./host-parts.ts";
import type { OpenTransport, TransportOptions } from "./open-transport.ts";

const schemes = new Map<string, OpenTransport>([
  ["http", openHttp],
  ["https", openHttp],
]);

/** Makes addresses that begin with `scheme` and a colon mean what `open` opens. A scheme registered again is replaced. */
export function registerScheme(scheme: string, open: OpenTransport): void {
  schemes.set(scheme, open);
}

/**
 * Opens a transport: by its scheme, as `https:` for the service's HTTP API, or over gRPC to `host:port`.
 *
 * @throws {AddressError} If the address is neither.
 */
export async function openTransport(address: string, options: TransportOptions): Promise<Transport> {
  const open = schemes.get(address.slice(0, Math.max(0, address.indexOf(":"))));
  if (open !== undefined) return open(address, options);
  const host = hostParts();
  if (host !== undefined) return host.openGrpc(address, options);
  throw new AddressError(
    `Cannot connect to "${address}": there is no gRPC in this runtime; use the URL of the service's HTTP API, such as "https://localhost:7243"`,
  );
}

async function openHttp(address: string, { answerBytesMax, clock }: TransportOptions): Promise<Transport> {
  const { FetchTransport } = await import("../rpc/fetch-transport.ts");
  return new FetchTransport({ url: address, answerBytesMax, clock });
}
