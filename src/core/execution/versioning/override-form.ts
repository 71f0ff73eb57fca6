import { VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { VersioningOverride } from "../../../proto/gen/workflow.ts";
import { VersioningOverride_PinnedOverrideBehavior } from "../../../proto/gen/workflow.ts";
import { parseVersion } from "./version-text.ts";

/** An override as clients of today write it; those of older ones are rewritten. */
export function currentForm(override: VersioningOverride | undefined): VersioningOverride | undefined {
  if (override === undefined || override.override !== undefined) return override;
  const written = { behavior: VersioningBehavior.UNSPECIFIED, deployment: undefined, pinnedVersion: "" };
  const { deployment, pinnedVersion, behavior } = override;
  const version =
    deployment === undefined
      ? parseVersion(pinnedVersion)
      : { deploymentName: deployment.seriesName, buildId: deployment.buildId };
  if (version !== undefined) {
    const pinned = { behavior: VersioningOverride_PinnedOverrideBehavior.PINNED, version };
    return { ...written, override: { case: "pinned", value: pinned } };
  }
  if (behavior === VersioningBehavior.AUTO_UPGRADE)
    return { ...written, override: { case: "autoUpgrade", value: true } };
  return override;
}
