/** Which workflow, activity or Nexus operation a payload goes to or comes from. */
export type SerializationContext =
  | {
      readonly kind: "workflow";
      readonly namespace: string;
      /** Of the workflow whose input or output the payload is: a child's id, for a child's arguments. */
      readonly workflowId: string;
    }
  | {
      readonly kind: "activity";
      readonly namespace: string;
      readonly activityId?: string | undefined;
      readonly activityType?: string | undefined;
      readonly taskQueue?: string | undefined;
      readonly isLocal: boolean;
      /** Absent if the activity was not started by a workflow. */
      readonly workflowId?: string | undefined;
      readonly workflowType?: string | undefined;
    }
  | {
      /** The same for caller and handler, which share no namespace; some paths of an operation know none. */
      readonly kind: "nexus";
      readonly endpoint: string;
      readonly service: string;
      readonly operation: string;
    };

/** A converter or codec that behaves differently from context to context. */
export interface WithSerializationContext {
  /** A copy for this context, or the same object. */
  withContext?(context: SerializationContext): this;
}

/** The converter or codec for a context; itself if it has no use for one. */
export function inContext<T>(
  converter: T & { withContext?(context: SerializationContext): T },
  context: SerializationContext,
): T {
  return converter.withContext?.(context) ?? converter;
}
