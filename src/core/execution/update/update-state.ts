import type { Callback } from "../../../proto/gen/common.ts";
import type { Request } from "../../../proto/gen/update.ts";
import type { UpdatePhase } from "./machine.ts";

/** Callbacks that are attached as soon as their update is accepted. */
export interface HeldCallbacks {
  readonly requestId: string;
  readonly callbacks: readonly Callback[];
}

/** One update of a run, from its admission on. */
export interface UpdateState {
  readonly updateId: string;
  readonly phase: UpdatePhase;
  /** Grows with each admission; updates are sent to the worker in this order. */
  readonly order: number;
  /** Kept until the worker has answered; absent where an admitted event tells the worker. */
  readonly request: Request | undefined;
  /** Callbacks of others who asked for the update before the workflow took it on. */
  readonly heldCallbacks: readonly HeldCallbacks[];
  /** Zero until accepted. */
  readonly acceptedEventId: number;
  /** Event that holds the outcome; zero until completed. */
  readonly completedEventId: number;
}
