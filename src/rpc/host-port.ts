import { TemporalError } from "../core/errors.ts";

/** A place on the network. */
export interface HostPort {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Both as they were written, which is what HTTP calls the authority. */
  readonly authority: string;
}

/** A text that should be an address is none. */
export class AddressError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ADDRESS";
  override readonly name = "AddressError";
}

/** Port that Temporal services listen on unless told otherwise. */
export const DEFAULT_PORT = 7233;

/**
 * Reads `host:port`, `host` or `[ipv6]:port`.
 *
 * @throws {AddressError} If it is none of these.
 */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]@]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port > 65_535) {
    throw new AddressError(
      `Cannot read address "${text}": expected "host:port", such as "localhost:7233" or "[::1]:7233"`,
    );
  }
  const written = match?.[1] === undefined ? host : `[${host}]`;
  return { host, port, authority: `${written}:${port}` };
}
