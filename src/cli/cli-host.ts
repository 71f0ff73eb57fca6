/** What the program needs of the process it runs in. */
export interface CliHost {
  /** Writes a line of what was asked for. */
  readonly write: (line: string) => void;
  /** Writes a line about what goes on or went wrong. */
  readonly writeError: (line: string) => void;
  /** Resolves when the process is asked to stop. */
  readonly untilStopped: () => Promise<void>;
}
