import type { OpenTransport } from "./open-transport.ts";

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

// Browsers and edge runtimes tell nothing of the machine.
const IDENTITY_ELSEWHERE = "web";

/** How a client names itself to the service where it is not told. */
export function defaultIdentity(): string {
  return parts?.identity() ?? IDENTITY_ELSEWHERE;
}
