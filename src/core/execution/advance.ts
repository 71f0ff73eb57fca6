import { type Input, type Machine, step } from "../machine.ts";

/**
 * Where an input leads by a machine's table.
 *
 * Requests are checked before anything is folded, so a missing cell is a bug here or a log that was not written here.
 *
 * @throws {NondeterminismError} If the table has no cell for `state` and `kind`.
 */
export function advance<State extends string, In extends Input>(
  machine: Machine<State, In, never>,
  state: State,
  kind: In["kind"],
): State {
  return step(machine, state, { kind } as In).state;
}
