import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { versionText } from "../../core/execution/versioning/version-text.ts";
import { checkedDrainage } from "../deployments/deployment-change.ts";
import { versionOf, type DeploymentRecord, type VersionRecord } from "../deployments/deployment-record.ts";
import type { Services } from "../services.ts";
import type { VisibilityField, VisibilityFilter } from "../store/store.ts";

/** The deployment as it is now: for versions that drain, whether workflows are still pinned to them is looked up when due. */
export async function withDrainage(services: Services, deployment: DeploymentRecord): Promise<DeploymentRecord> {
  const nowMs = services.clock.now();
  const versions = deployment.versions.map((version) =>
    isDue(services, version, nowMs)
      ? checkedDrainage(version, hasPinnedRuns(services, deployment, version.buildId), nowMs)
      : version,
  );
  if (versions.every((version, index) => version === deployment.versions[index])) return deployment;
  const checked = { ...deployment, versions };
  await services.deployments.put(checked);
  return checked;
}

function isDue({ settings }: Services, { drainage, lastDeactivationMs }: VersionRecord, nowMs: number): boolean {
  if (drainage === undefined || drainage.drained) return false;
  const { drainageGraceMs, drainageRefreshMs } = settings;
  const firstCheck = drainage.checkedMs === drainage.changedMs;
  const sinceMs = firstCheck ? Math.max(drainage.changedMs, lastDeactivationMs ?? 0) : drainage.checkedMs;
  return nowMs - sinceMs >= (firstCheck ? drainageGraceMs : drainageRefreshMs);
}

/** Whether an open workflow is pinned to the version. */
function hasPinnedRuns({ store }: Services, deployment: DeploymentRecord, buildId: string): boolean {
  const version = versionOf(deployment, buildId);
  if (version === undefined) return false;
  const counts = store.countRuns({
    namespaceId: deployment.namespaceId,
    where: {
      kind: "and",
      parts: [
        isEqual({ name: "TemporalWorkerDeploymentVersion", attribute: true }, versionText(version)),
        isEqual({ name: "TemporalWorkflowVersioningBehavior", attribute: true }, "Pinned"),
        isEqual({ name: "status" }, WorkflowExecutionStatus.RUNNING),
      ],
    },
  });
  return counts.some(({ count }) => count > 0);
}

function isEqual(field: VisibilityField, value: string | number): VisibilityFilter {
  return { kind: "compare", operator: "=", field, value };
}
