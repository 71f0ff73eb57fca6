import type { WorkerDeploymentVersion as VersionMessage } from "../../proto/gen/deployment.ts";
import {
  ContinueAsNewVersioningBehavior as ContinueAsNewVersioningBehaviorCode,
  VersioningBehavior as VersioningBehaviorCode,
} from "../../proto/gen/enums.ts";
import type { VersioningOverride as VersioningOverrideMessage } from "../../proto/gen/workflow.ts";
import { VersioningOverride_PinnedOverrideBehavior as PinnedOverrideBehavior } from "../../proto/gen/workflow.ts";
import { TemporalError } from "../errors.ts";

/**
 * When a running workflow moves to another version of its worker's code.
 *
 * - `unspecified`: as the worker says.
 * - `pinned`: it stays with its version unless it is moved.
 * - `autoUpgrade`: its next task goes to the version that is current then.
 */
export const VersioningBehavior = { unspecified: "unspecified", pinned: "pinned", autoUpgrade: "autoUpgrade" } as const;
export type VersioningBehavior = keyof typeof VersioningBehavior;

/** The number of `temporal.api.enums.v1.VersioningBehavior`. */
export function toVersioningBehaviorCode(behavior: VersioningBehavior): VersioningBehaviorCode {
  return behavior === "pinned"
    ? VersioningBehaviorCode.PINNED
    : behavior === "autoUpgrade"
      ? VersioningBehaviorCode.AUTO_UPGRADE
      : VersioningBehaviorCode.UNSPECIFIED;
}

/**
 * Which version the first task of a run goes to that continues another as new.
 *
 * - `unspecified`: inherited as usual.
 * - `autoUpgrade`: the one that is the target then.
 * - `useRampingVersion`: the ramping one, if there is one then.
 */
export const ContinueAsNewVersioningBehavior = {
  unspecified: "unspecified",
  autoUpgrade: "autoUpgrade",
  useRampingVersion: "useRampingVersion",
} as const;
export type ContinueAsNewVersioningBehavior = keyof typeof ContinueAsNewVersioningBehavior;

/** The number of `temporal.api.enums.v1.ContinueAsNewVersioningBehavior`. */
export function toContinueAsNewVersioningBehaviorCode(
  behavior: ContinueAsNewVersioningBehavior,
): ContinueAsNewVersioningBehaviorCode {
  const codes = ContinueAsNewVersioningBehaviorCode;
  return behavior === "autoUpgrade"
    ? codes.AUTO_UPGRADE
    : behavior === "useRampingVersion"
      ? codes.USE_RAMPING_VERSION
      : codes.UNSPECIFIED;
}

/** One version of a worker deployment. */
export interface WorkerDeploymentVersion {
  /** Without dots. */
  readonly deploymentName: string;
  readonly buildId: string;
}

/** Text that is no deployment version. */
export class DeploymentVersionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_DEPLOYMENT_VERSION";
  override readonly name = "DeploymentVersionError";
}

/** `<deployment name>.<build id>`, as the service writes versions. */
export function toVersionText(version: WorkerDeploymentVersion): string {
  return `${version.deploymentName}.${version.buildId}`;
}

/** @throws {DeploymentVersionError} If there is no dot in it. */
export function fromVersionText(text: string): WorkerDeploymentVersion {
  const dot = text.indexOf(".");
  if (dot < 0)
    throw new DeploymentVersionError(
      `Cannot read deployment version "${text}": found no dot, expected <deployment name>.<build id>`,
    );
  return { deploymentName: text.slice(0, dot), buildId: text.slice(dot + 1) };
}

/** Overrules, for one workflow, what versioning would do. */
export type VersioningOverride =
  | { readonly kind: "pinned"; readonly version: WorkerDeploymentVersion }
  /** Moves to that version with the next task; from then on its own behavior holds again. */
  | { readonly kind: "oneTime"; readonly version: WorkerDeploymentVersion }
  | { readonly kind: "autoUpgrade" };

/** The override as a message, with the fields that older services read. */
export function toVersioningOverrideMessage(override: VersioningOverride): VersioningOverrideMessage {
  if (override.kind === "autoUpgrade") {
    return {
      override: { case: "autoUpgrade", value: true },
      behavior: VersioningBehaviorCode.AUTO_UPGRADE,
      deployment: undefined,
      pinnedVersion: "",
    };
  }
  const version: VersionMessage = { ...override.version };
  if (override.kind === "oneTime") {
    return {
      override: { case: "oneTime", value: { targetDeploymentVersion: version } },
      behavior: VersioningBehaviorCode.UNSPECIFIED,
      deployment: undefined,
      pinnedVersion: "",
    };
  }
  const pinned = { behavior: PinnedOverrideBehavior.PINNED, version };
  return {
    override: { case: "pinned", value: pinned },
    behavior: VersioningBehaviorCode.PINNED,
    deployment: undefined,
    pinnedVersion: toVersionText(override.version),
  };
}

/** The override of a message; `undefined` if it says nothing that this version knows. */
export function fromVersioningOverrideMessage(message: VersioningOverrideMessage): VersioningOverride | undefined {
  const { override, behavior, pinnedVersion } = message;
  if (override?.case === "autoUpgrade") return { kind: "autoUpgrade" };
  const version = override?.case === "pinned" ? override.value.version : override?.value.targetDeploymentVersion;
  if (override !== undefined && version !== undefined) {
    const { deploymentName, buildId } = version;
    return { kind: override.case, version: { deploymentName, buildId } };
  }
  // As older services say it.
  if (behavior === VersioningBehaviorCode.AUTO_UPGRADE) return { kind: "autoUpgrade" };
  if (behavior !== VersioningBehaviorCode.PINNED || pinnedVersion === "") return undefined;
  return { kind: "pinned", version: fromVersionText(pinnedVersion) };
}
