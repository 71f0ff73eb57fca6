import { decodePlain, encodePlain } from "./plain-json.ts";
import { type ExecutionState, newState } from "./state.ts";

/** Of the layout of a snapshot. One that is newer than this program is refused; older ones are read with today's defaults for what they lack. */
const VERSION = 1;

/** The whole state as bytes. */
export function snapshot(state: ExecutionState): Uint8Array {
  const { journal: _unsaved, ...plain } = state;
  return encodePlain({ version: VERSION, state: plain });
}

/**
 * The state that {@link snapshot} wrote down.
 *
 * @throws {RangeError} If the bytes are no snapshot of a version that is known here.
 */
export function restore(bytes: Uint8Array): ExecutionState {
  const { version, state } = decodePlain(bytes) as {
    readonly version?: number;
    readonly state?: Partial<ExecutionState>;
  };
  if (version !== VERSION || state === undefined) {
    throw new RangeError(`Cannot restore snapshot: version ${version ?? "unknown"} found, ${VERSION} expected`);
  }
  return { ...newState(), ...state };
}
