import { toTimestamp } from "../../core/execution/duration.ts";
import { utf8Bytes, utf8Length } from "../../core/text/utf8.ts";
import type { BuildIdAssignmentRule, CompatibleBuildIdRedirectRule } from "../../proto/gen/taskqueue.ts";
import {
  WorkflowService,
  type GetWorkerVersioningRulesResponse,
  type UpdateWorkerVersioningRulesRequest,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import {
  addRedirect,
  commitBuild,
  deleteAssignment,
  deleteRedirect,
  insertAssignment,
  replaceAssignment,
  replaceRedirect,
  type AskedAssignment,
  type RedirectRule,
  type RuleContext,
  type VersionRules,
} from "../deployments/version-rules.ts";
import { failedPrecondition, invalidArgument } from "../failures.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace, requireTaskQueue } from "./requests.ts";
import { rulesNotAllowed } from "./versioning-disabled.ts";

const BUILD_ID_LENGTH_MAX = 255;
// A build may take over all work if its workers have polled within this time.
const POLLER_SEEN_MS = 70_000;

type Operation = NonNullable<UpdateWorkerVersioningRulesRequest["operation"]>;

/** The rules by which new workflows get a build and builds take over the work of others, where that is switched on. */
export function versionRuleCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { clock, compatibleBuilds, settings } = services;
  const requireQueue = (request: { readonly namespace: string; readonly taskQueue: string }) => {
    // The service looks for the namespace before it looks at anything else.
    const { id: namespaceId } = requireNamespace(services, request.namespace);
    if (!settings.versioningRules) throw rulesNotAllowed();
    const { name } = requireTaskQueue(services, { name: request.taskQueue, kind: 0, normalName: "" });
    return { namespaceId, name };
  };
  return [
    serve(methods.GetWorkerVersioningRules, (request) => toAnswer(compatibleBuilds.rulesOf(requireQueue(request)))),
    serve(methods.UpdateWorkerVersioningRules, async (request) => {
      const queue = requireQueue(request);
      const { operation, conflictToken } = request;
      if (operation === undefined) throw invalidArgument("operation is not set on request.");
      for (const buildId of buildsOf(operation)) checkLength(buildId);
      const before = compatibleBuilds.rulesOf(queue);
      checkToken(conflictToken, toToken(before));
      if (operation.case === "commitBuildId" && !operation.value.force)
        requirePoller(services, queue, operation.value.targetBuildId);
      const context = { sets: compatibleBuilds.find(queue), limits: settings.ruleLimits, nowMs: clock.now() };
      const rules = { ...change(before, operation, context), revision: before.revision + 1 };
      await compatibleBuilds.putRules(queue, rules);
      return toAnswer(rules);
    }),
  ];
}

function change(rules: VersionRules, operation: Operation, context: RuleContext): VersionRules {
  switch (operation.case) {
    case "insertAssignmentRule":
      return insertAssignment(rules, operation.value.ruleIndex, toAssignment(operation.value.rule), context);
    case "replaceAssignmentRule": {
      const { ruleIndex, rule, force } = operation.value;
      return replaceAssignment(rules, ruleIndex, toAssignment(rule), context, force);
    }
    case "deleteAssignmentRule":
      return deleteAssignment(rules, operation.value.ruleIndex, operation.value.force);
    case "addCompatibleRedirectRule":
      return addRedirect(rules, toRedirect(operation.value.rule), context);
    case "replaceCompatibleRedirectRule":
      return replaceRedirect(rules, toRedirect(operation.value.rule), context);
    case "deleteCompatibleRedirectRule":
      return deleteRedirect(rules, operation.value.sourceBuildId);
    case "commitBuildId":
      return commitBuild(rules, operation.value.targetBuildId, context);
  }
}

function toAssignment(rule: BuildIdAssignmentRule | undefined): AskedAssignment {
  return { targetBuildId: rule?.targetBuildId ?? "", percentage: rule?.ramp?.value.rampPercentage };
}

function toRedirect(rule: CompatibleBuildIdRedirectRule | undefined): Omit<RedirectRule, "createdMs"> {
  return { sourceBuildId: rule?.sourceBuildId ?? "", targetBuildId: rule?.targetBuildId ?? "" };
}

function buildsOf(operation: Operation): readonly string[] {
  switch (operation.case) {
    case "insertAssignmentRule":
    case "replaceAssignmentRule":
      return [operation.value.rule?.targetBuildId ?? ""];
    case "addCompatibleRedirectRule":
    case "replaceCompatibleRedirectRule":
      return [operation.value.rule?.targetBuildId ?? "", operation.value.rule?.sourceBuildId ?? ""];
    case "commitBuildId":
      return [operation.value.targetBuildId];
    default:
      return [];
  }
}

function checkLength(buildId: string): void {
  const length = utf8Length(buildId);
  if (length > BUILD_ID_LENGTH_MAX)
    throw invalidArgument(`BuildId must be <= ${BUILD_ID_LENGTH_MAX} characters, was ${length}`);
}

function requirePoller(
  { clock, compatibleBuilds, matching }: Services,
  queue: { readonly namespaceId: string; readonly name: string },
  buildId: string,
): void {
  const place = buildId === "" ? undefined : compatibleBuilds.waitingPlace(queue, buildId);
  const polled = matching.find({ ...queue, type: "workflow" }, place)?.pollers.lastAccessMs ?? -Infinity;
  if (polled <= clock.now() - POLLER_SEEN_MS)
    throw failedPrecondition(
      `no versioned poller with build ID '${buildId}' seen within the last 1m10s, use force=true to commit anyways`,
    );
}

function toToken({ revision }: VersionRules): Uint8Array {
  return utf8Bytes(String(revision));
}

function checkToken(given: Uint8Array, current: Uint8Array): void {
  const [one, other] = [given, current].map((bytes) => `[${bytes.join(" ")}]`);
  if (one !== other)
    throw failedPrecondition(`provided conflict token '${one}' does not match existing one '${other}'`);
}

function toAnswer(rules: VersionRules): Init<GetWorkerVersioningRulesResponse> {
  return {
    assignmentRules: rules.assignments.map(({ targetBuildId, percentage, createdMs }) => ({
      rule: { targetBuildId, ramp: { case: "percentageRamp", value: { rampPercentage: percentage } } },
      createTime: toTimestamp(createdMs),
    })),
    compatibleRedirectRules: rules.redirects.map(({ sourceBuildId, targetBuildId, createdMs }) => ({
      rule: { sourceBuildId, targetBuildId },
      createTime: toTimestamp(createdMs),
    })),
    conflictToken: toToken(rules),
  };
}
