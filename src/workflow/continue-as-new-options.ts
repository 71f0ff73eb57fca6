import { TemporalError } from "../core/errors.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { ContinueAsNewVersioningBehavior } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { VersioningIntent } from "./activity-options.ts";
import type { EventGroup } from "./event-group.ts";
import type { Headers } from "./headers.ts";

/** How a workflow goes on in a new run. What is absent stays as it is. */
export interface ContinueAsNewOptions {
  readonly taskQueue?: string;
  readonly runTimeout?: Duration;
  readonly taskTimeout?: Duration;
  readonly retryPolicy?: RetryPolicy;
  /** How long the new run waits before it starts. */
  readonly backoffStartInterval?: Duration;
  readonly memo?: Readonly<Record<string, unknown>>;
  readonly searchAttributes?: TypedSearchAttributes;
  readonly versioningIntent?: VersioningIntent;
  readonly initialVersioningBehavior?: ContinueAsNewVersioningBehavior;
  /** Groups that it belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
}

/** A run about to continue as new, as interceptors see it. */
export interface ContinueAsNewInput {
  /** The type of the new run. @default this run's */
  readonly workflow: string | undefined;
  readonly args: readonly unknown[];
  readonly options: ContinueAsNewOptions;
  readonly headers: Headers;
}

/** Ends this run and goes on in a new one. Thrown by `continueAsNew`; let it pass. */
export class ContinueAsNewError extends TemporalError {
  static override readonly code: string = "TEMPORAL_CONTINUE_AS_NEW";
  override readonly name = "ContinueAsNewError";
  readonly input: ContinueAsNewInput;

  constructor(input: ContinueAsNewInput) {
    super("The workflow continues as new");
    this.input = input;
  }
}
