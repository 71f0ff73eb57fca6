import { decodePlain, encodePlain } from "../execution/plain-json.ts";
import type { NexusExecutionState } from "./state.ts";

/** Of the layout. One that is newer than this program is refused. */
const VERSION = 1;

/** The whole state as bytes. */
export function encodeNexusExecution(state: NexusExecutionState): Uint8Array {
  return encodePlain({ version: VERSION, operation: state });
}

/**
 * The state that {@link encodeNexusExecution} wrote down.
 *
 * @throws {RangeError} If the bytes are none of a version that is known here.
 */
export function decodeNexusExecution(bytes: Uint8Array): NexusExecutionState {
  const { version, operation } = decodePlain(bytes) as {
    readonly version?: number;
    readonly operation?: NexusExecutionState;
  };
  if (version !== VERSION || operation === undefined) {
    throw new RangeError(`Cannot restore Nexus operation: version ${version ?? "unknown"} found, ${VERSION} expected`);
  }
  return operation;
}
