/** Carried, encoded, in task tokens. */
export interface WorkflowTaskToken {
  readonly scheduledEventId: number;
  readonly startedEventId: number;
  readonly attempt: number;
}
