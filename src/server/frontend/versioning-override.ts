import { overrideTarget } from "../../core/execution/versioning/effective.ts";
import { currentForm } from "../../core/execution/versioning/override-form.ts";
import { reactivated } from "../deployments/deployment-change.ts";
import { findVersion, withVersion } from "../deployments/deployment-record.ts";
import { VersioningBehavior, VersioningBehavior$names } from "../../proto/gen/enums.ts";
import { type VersioningOverride, VersioningOverride_PinnedOverrideBehavior } from "../../proto/gen/workflow.ts";
import { failedPrecondition, invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";
import { checkBuildId, checkDeploymentName, requireVersionText } from "./deployment-requests.ts";

/** Refuses an override that makes no sense by itself. */
export function checkOverride(services: Services, override: VersioningOverride | undefined): void {
  if (override === undefined) return;
  const { override: kind } = override;
  if (kind === undefined) return checkOldOverride(override);
  if (kind.case === "autoUpgrade") {
    if (!kind.value) throw invalidArgument("auto-upgrade override must be true");
    return;
  }
  if (kind.case === "pinned") {
    if (kind.value.version === undefined) throw invalidArgument("must provide version if override is pinned.");
    if (kind.value.behavior === VersioningOverride_PinnedOverrideBehavior.UNSPECIFIED)
      throw invalidArgument("must specify pinned override behavior if override is pinned.");
  } else if (kind.value.targetDeploymentVersion === undefined)
    throw invalidArgument("must provide target deployment version if override is one-time.");
  const version = overrideTarget(override);
  checkDeploymentName(services, version?.deploymentName ?? "");
  checkBuildId(services, version?.buildId ?? "");
}

/** The form that clients of before wrote. */
function checkOldOverride({ behavior, deployment, pinnedVersion }: VersioningOverride): void {
  switch (behavior) {
    case VersioningBehavior.PINNED:
      if (deployment !== undefined) {
        if (deployment.seriesName === "") throw invalidArgument("deployment name cannot be empty");
        if (deployment.buildId === "") throw invalidArgument("deployment build ID cannot be empty");
      } else if (pinnedVersion === "")
        throw invalidArgument("must provide deployment (deprecated) or pinned version if behavior is 'PINNED'");
      else requireVersionText(pinnedVersion);
      return;
    case VersioningBehavior.AUTO_UPGRADE:
      if (deployment !== undefined) throw invalidArgument("only provide deployment if behavior is 'PINNED'");
      if (pinnedVersion !== "") throw invalidArgument("only provide pinned version if behavior is 'PINNED'");
      return;
    case VersioningBehavior.UNSPECIFIED:
      throw invalidArgument("override behavior is required");
    default:
      throw invalidArgument(
        `override behavior ${VersioningBehavior$names[behavior] ?? String(behavior)} not recognized`,
      );
  }
}

/**
 * Refuses to bind a workflow to a version whose workers do not poll its queue. A version that was no longer in use is in
 * use again.
 */
export function bindOverride(
  services: Services,
  namespaceId: string,
  taskQueue: string | undefined,
  override: VersioningOverride | undefined,
): void {
  const version = overrideTarget(currentForm(override));
  if (version === undefined) return;
  const { deployments, clock } = services;
  const { deploymentName, buildId } = version;
  if (!deployments.serves({ namespaceId, type: "workflow", name: taskQueue ?? "" }, version))
    throw failedPrecondition(
      `Pinned version '${deploymentName}:${buildId}' is not present in task queue '${taskQueue ?? ""}' of type 'Workflow'`,
    );
  const deployment = deployments.find(namespaceId, deploymentName);
  const record = deployment === undefined ? undefined : findVersion(deployment, buildId);
  if (deployment === undefined || record === undefined) return;
  const changed = reactivated(record, clock.now());
  if (changed !== record) deployments.change(withVersion(deployment, changed));
}
