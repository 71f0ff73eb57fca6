import type { SerializationContext } from "../payload/serialization-context.ts";
import type { CallOptions } from "./call-options.ts";

/** What converters and codecs are told of an activity. */
export type ActivityContext = Extract<SerializationContext, { readonly kind: "activity" }>;

/** An activity that is completed from outside: by its task token, or by ids. */
export type AsyncActivityRef =
  | { readonly taskToken: Uint8Array }
  | {
      /** Absent for an activity that no workflow started. */
      readonly workflowId?: string | undefined;
      readonly runId?: string | undefined;
      readonly activityId: string;
    };

interface AsyncActivityInput {
  readonly ref: AsyncActivityRef;
  /** What converters and codecs are told of the activity; absent if its handle was not told. */
  readonly context?: ActivityContext | undefined;
  readonly call: CallOptions;
}

/** A heartbeat from outside as interceptors see it. */
export interface HeartbeatAsyncActivityInput extends AsyncActivityInput {
  readonly details: readonly unknown[];
}

/** A completion from outside as interceptors see it. */
export interface CompleteAsyncActivityInput extends AsyncActivityInput {
  readonly result: unknown;
}

/** A failure from outside as interceptors see it. */
export interface FailAsyncActivityInput extends AsyncActivityInput {
  readonly error: unknown;
  readonly lastHeartbeatDetails: readonly unknown[];
}

/** A cancellation reported from outside as interceptors see it. */
export interface ReportCancellationAsyncActivityInput extends AsyncActivityInput {
  readonly details: readonly unknown[];
}
