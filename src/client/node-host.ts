import { hostname } from "node:os";
import { resolve } from "node:path";
import { provideHost } from "./host-parts.ts";
import type { OpenTransport } from "./open-transport.ts";
import { openTransport } from "./transport-scheme.ts";

provideHost({
  identity: () => `${process.pid}@${hostname()}`,
  openGrpc: async (address, options) => {
    // HTTP/2 and TLS are a quarter of what the client loads, and a server in this process needs neither.
    const { GrpcTransport } = await import("../rpc/grpc-transport.ts");
    return new GrpcTransport({ ...options, address });
  },
});

/** Opens a transport as everywhere, and over gRPC in any case, since with this function comes what Node has. */
export const openNodeTransport: OpenTransport = openTransport;

/** The absolute path of the file that an address such as `sqlite:./app.db` names. */
export function filePathOf(address: string): string {
  return resolve(address.slice(address.indexOf(":") + 1));
}
