import type { OpenTransport } from "./transport-scheme.ts";

/** What clients use of Node, and do without where there is none. */
export interface HostParts {
  /** Names this process to the service. */
  readonly identity: () => string;
  /** Opens a transport over gRPC to `host:port`. */
  readonly openGrpc: OpenTransport;
}

let parts: HostParts | undefined;

/** Gives clients what Node has; loaded by whatever of this package runs on Node. */
export function provideHost(given: HostParts): void {
  parts = given;
}

/** What Node has; `undefined` in browsers and edge runtimes. */
export function hostParts(): HostParts | undefined {
  return parts;
}
