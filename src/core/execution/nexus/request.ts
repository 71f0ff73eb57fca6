import type { Link } from "../../../proto/gen/common.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { NexusCancelAnswer, NexusOutcome, NexusStartAnswer } from "./answer.ts";

/** What happens to the Nexus operations that a workflow has scheduled. */
export type NexusRequest =
  /** An attempt to start an operation is over. `attempt` is that of the effect that asked for it. */
  | {
      readonly kind: "nexusStartAnswered";
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly answer: NexusStartAnswer;
    }
  | {
      readonly kind: "nexusCancelAnswered";
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly answer: NexusCancelAnswer;
    }
  /** The handler tells how an operation has ended, perhaps before it has told that it started. */
  | {
      readonly kind: "completeNexusOperation";
      readonly scheduledEventId: number;
      readonly requestId: string;
      readonly operationToken: string;
      /** Milliseconds since the epoch; absent where the handler does not tell. */
      readonly startedMs?: number | undefined;
      readonly links: readonly Link[];
      readonly outcome: NexusOutcome;
    };

/** Requests to Nexus endpoints that a step asks for. Void when the operation has moved on. */
export type NexusEffect =
  | { readonly kind: "dispatchNexusStart"; readonly scheduledEventId: number; readonly attempt: number }
  | { readonly kind: "dispatchNexusCancel"; readonly scheduledEventId: number; readonly attempt: number };

/** Operations, in the log's sense, of attempts that leave no event. */
export type NexusOp =
  | {
      readonly op: "failNexusAttempt";
      readonly id: number;
      readonly of: "start" | "cancel";
      readonly atMs: number;
      readonly nextMs: number;
      readonly failure: Failure;
    }
  | { readonly op: "rescheduleNexus"; readonly id: number; readonly of: "start" | "cancel" }
  /** A cancel request is over. Where that leaves an event too, the event comes first and has done it already. */
  | {
      readonly op: "endNexusCancel";
      readonly id: number;
      readonly atMs: number;
      readonly failure: Failure | undefined;
    };
