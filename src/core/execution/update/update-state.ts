import type { Request } from "../../../proto/gen/update.ts";
import type { UpdatePhase } from "./machine.ts";

/** One update of a run, from its admission on. */
export interface UpdateState {
  readonly updateId: string;
  readonly phase: UpdatePhase;
  /** Grows with each admission; updates are sent to the worker in this order. */
  readonly order: number;
  /** Kept until the worker has answered; absent where an admitted event tells the worker. */
  readonly request: Request | undefined;
  /** Zero until accepted. */
  readonly acceptedEventId: number;
  /** Event that holds the outcome; zero until completed. */
  readonly completedEventId: number;
}
