import { decodePlain, encodePlain } from "../execution/plain-json.ts";
import type { ActivityExecutionState } from "./state.ts";

/** Of the layout. One that is newer than this program is refused. */
const VERSION = 1;

/** The whole state as bytes. */
export function encodeActivityExecution({ offered: _offered, ...state }: ActivityExecutionState): Uint8Array {
  return encodePlain({ version: VERSION, activity: state });
}

/**
 * The state that {@link encodeActivityExecution} wrote down. Its attempt counts as not offered.
 *
 * @throws {RangeError} If the bytes are none of a version that is known here.
 */
export function decodeActivityExecution(bytes: Uint8Array): ActivityExecutionState {
  const { version, activity } = decodePlain(bytes) as {
    readonly version?: number;
    readonly activity?: Omit<ActivityExecutionState, "offered">;
  };
  if (version !== VERSION || activity === undefined) {
    throw new RangeError(`Cannot restore activity: version ${version ?? "unknown"} found, ${VERSION} expected`);
  }
  return { ...activity, offered: false };
}
