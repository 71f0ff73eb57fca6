import { TemporalError } from "../core/errors.ts";

/** Thrown out of an activity that is completed later, by its task token or its id. */
export class CompleteAsyncError extends TemporalError {
  static override readonly code: string = "TEMPORAL_COMPLETE_ASYNC";
  override readonly name = "CompleteAsyncError";

  constructor() {
    super("The activity will be completed asynchronously");
  }
}

/** Code that needs an activity's context ran outside of an activity. */
export class NotInActivityError extends TemporalError {
  static override readonly code: string = "TEMPORAL_NOT_IN_ACTIVITY";
  override readonly name = "NotInActivityError";
}
