import { WorkflowExecutionVersioningInfo } from "../../../proto/gen/workflow.ts";
import type { ExecutionState } from "../state.ts";
import { oldVersionText } from "./version-text.ts";
import { UNVERSIONED } from "./versioning-state.ts";

/** What descriptions say of the run's version; nothing for a run that never had one. */
export function versioningInfo({
  versioning,
  versioningOverride,
}: ExecutionState): WorkflowExecutionVersioningInfo | undefined {
  const { behavior, version, transition, revision, initialBehavior } = versioning;
  const plain =
    behavior === UNVERSIONED.behavior && version === undefined && transition === undefined && revision === 0;
  if (plain && versioningOverride === undefined) return undefined;
  return {
    ...WorkflowExecutionVersioningInfo.create(),
    behavior,
    deploymentVersion: version,
    version: version === undefined ? "" : oldVersionText(version),
    versioningOverride,
    versionTransition:
      transition === undefined
        ? undefined
        : { version: oldVersionText(transition.version), deploymentVersion: transition.version },
    revisionNumber: revision,
    continueAsNewInitialVersioningBehavior: initialBehavior,
  };
}
