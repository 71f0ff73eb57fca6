/** Why an activity is asked to stop. Several may hold at once. */
export interface ActivityCancellationDetails {
  /** The service knows the activity no more: its workflow has ended or it timed out. */
  readonly notFound: boolean;
  /** The workflow or a client asked for it. */
  readonly cancelRequested: boolean;
  readonly paused: boolean;
  readonly reset: boolean;
  /** A timeout has passed by the worker's own clock. */
  readonly timedOut: boolean;
  readonly workerShutdown: boolean;
}

/** The reasons given, the rest false. */
export function toCancellationDetails(reasons: Partial<ActivityCancellationDetails>): ActivityCancellationDetails {
  return {
    notFound: false,
    cancelRequested: false,
    paused: false,
    reset: false,
    timedOut: false,
    workerShutdown: false,
    ...reasons,
  };
}
