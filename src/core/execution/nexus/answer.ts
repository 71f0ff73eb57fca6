import type { Link, Payload } from "../../../proto/gen/common.ts";
import type { TimeoutType } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";

/** How a Nexus operation has ended. */
export type NexusOutcome =
  | { readonly kind: "succeeded"; readonly result: Payload | undefined }
  | { readonly kind: "unsuccessful"; readonly failure: Failure; readonly canceled: boolean };

/** What came of an attempt to start a Nexus operation. */
export type NexusStartAnswer =
  | { readonly kind: "started"; readonly operationToken: string; readonly links: readonly Link[] }
  | { readonly kind: "completed"; readonly outcome: NexusOutcome; readonly links: readonly Link[] }
  /** Trying again would not help. */
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "retry"; readonly failure: Failure }
  /** There was not enough time left to try. */
  | { readonly kind: "timedOut"; readonly timeoutType: TimeoutType };

/** What came of an attempt to cancel a Nexus operation. */
export type NexusCancelAnswer =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "retry"; readonly failure: Failure };
