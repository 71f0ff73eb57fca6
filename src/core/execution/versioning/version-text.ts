import type { WorkerDeploymentVersion } from "../../../proto/gen/deployment.ts";

/** What older clients write for workers without a version. */
export const UNVERSIONED_TEXT = "__unversioned__";

const DELIMITER = ":";
const OLD_DELIMITER = ".";

/** A version as one text: "deployment:build". */
export function versionText({ deploymentName, buildId }: WorkerDeploymentVersion): string {
  return `${deploymentName}${DELIMITER}${buildId}`;
}

/** A version as older clients write it: "deployment.build". */
export function oldVersionText(version: WorkerDeploymentVersion | undefined): string {
  return version === undefined ? UNVERSIONED_TEXT : `${version.deploymentName}${OLD_DELIMITER}${version.buildId}`;
}

/** A version out of one text, in the new or the old form; undefined if it is none. */
export function parseVersion(text: string): WorkerDeploymentVersion | undefined {
  const at = text.search(/[.:]/);
  if (at <= 0 || at === text.length - 1) return undefined;
  return { deploymentName: text.slice(0, at), buildId: text.slice(at + 1) };
}
