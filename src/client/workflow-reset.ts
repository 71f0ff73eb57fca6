import { enumNames } from "../core/options/enum-names.ts";
import { ResetReapplyExcludeType as ExcludeCode } from "../proto/gen/enums.ts";
import type { CallOptions } from "./call-options.ts";
import type { WorkflowOptionsChange } from "./workflow-options-change.ts";

/**
 * Where a workflow begins anew.
 *
 * - `firstWorkflowTask`: at its beginning.
 * - `lastWorkflowTask`: at the last task that a worker took.
 * - `eventId`: at the task that this event completed, failed or started.
 * - `buildId`: before the first task that workers of this build took.
 */
export type ResetPoint =
  | "firstWorkflowTask"
  | "lastWorkflowTask"
  | { readonly eventId: number }
  | { readonly buildId: string };

/** What of the time after a {@link ResetPoint} the new run does not get again. */
export const ResetExclusion = {
  signal: "signal",
  update: "update",
  nexus: "nexus",
  cancelRequest: "cancelRequest",
} as const;
export type ResetExclusion = keyof typeof ResetExclusion;

/** What happens to the new run right after a reset. */
export type PostResetOperation =
  | { readonly kind: "signal"; readonly signal: string; readonly args?: readonly unknown[] | undefined }
  | { readonly kind: "updateOptions"; readonly changes: WorkflowOptionsChange };

/** How a workflow is reset. */
export interface ResetOptions extends CallOptions {
  /** Where the new run begins. @default "lastWorkflowTask" */
  readonly to?: ResetPoint | undefined;
  /** Why, for people. @default none */
  readonly reason?: string | undefined;
  /** What of the time after that point the new run does not get. @default nothing: it gets all */
  readonly exclude?: readonly ResetExclusion[] | undefined;
  /** What happens to the new run right away. @default nothing */
  readonly afterReset?: readonly PostResetOperation[] | undefined;
}

const excludeCodes = enumNames(ResetExclusion, ExcludeCode);

/** The numbers of `temporal.api.enums.v1.ResetReapplyExcludeType`. */
export function toExcludeCodes(exclude: readonly ResetExclusion[] = []): ExcludeCode[] {
  return exclude.map((kind) => excludeCodes.toCode(kind));
}
