/**
 * Commands, and the events that they leave, that belong together for whoever looks at the history. One command may be in
 * several groups. Made by `createEventGroup`.
 *
 * Experimental, as in the reference SDK.
 */
export interface EventGroup {
  readonly id: string;
  readonly label: string | undefined;
  /** Puts every command of the code into this group, beside those that the code is in already. */
  run<T>(code: () => T): T;
}
