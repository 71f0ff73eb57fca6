import type { FailureConverter } from "../../payload/failure-converter.ts";
import type { PayloadConverter } from "../../payload/payload-converter.ts";
import type { FailureType, WorkflowDefinition } from "../definition.ts";
import type { WorkflowHost } from "../host.ts";
import type { WorkflowInterceptors } from "../interceptors.ts";

/** What a run of workflow code needs besides its activations. */
export interface RunSettings {
  readonly definition: WorkflowDefinition;
  readonly host: WorkflowHost;
  readonly payloadConverter: PayloadConverter;
  readonly failureConverter: FailureConverter;
  /** Outermost first. Each is called once for the run. */
  readonly interceptors: readonly (() => WorkflowInterceptors)[];
  /** Errors that fail workflows of the whole worker instead of their tasks. */
  readonly failureExceptionTypes: readonly FailureType[];
  /** Whether activities may come back with the completion that schedules them. */
  readonly eagerActivities: boolean;
  /** Types of local activities that the worker can run; absent if it can run any. */
  readonly localActivityTypes: readonly string[] | undefined;
  /** Asked before a patch that history does not know takes effect. */
  readonly patchActivation: ((patchId: string) => boolean) | undefined;
}
