import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { failedPrecondition, invalidArgument, notFound } from "../failures.ts";
import { fingerprint32 } from "./fingerprint.ts";
import { redirectFault } from "./redirects.ts";
import { setOf, type VersionSets } from "./version-sets.ts";

/** Which build new workflows get, or a part of them. */
export interface AssignmentRule {
  readonly targetBuildId: string;
  /** Of the workflows that no earlier rule applies to. */
  readonly percentage: number;
  readonly createdMs: number;
}

/** Which build takes over the work of another. */
export interface RedirectRule {
  readonly sourceBuildId: string;
  readonly targetBuildId: string;
  readonly createdMs: number;
}

/** What says for a task queue which builds its tasks go to. */
export interface VersionRules {
  /** Counts changes, so that one that was made without knowing of another is refused. */
  readonly revision: number;
  /** The first that applies counts. */
  readonly assignments: readonly AssignmentRule[];
  /** There is an assignment rule for all workflows, or was once. */
  readonly hadDefault: boolean;
  /** At most one for each source. */
  readonly redirects: readonly RedirectRule[];
}

/** How many rules there may be. */
export interface RuleLimits {
  readonly assignmentsMax: number;
  readonly redirectsMax: number;
  /** Builds that lead to one build by redirects. */
  readonly upstreamBuildsMax: number;
}

/** Of a queue that nobody has made a rule for. */
export const NO_RULES: VersionRules = { revision: 0, assignments: [], hadDefault: false, redirects: [] };

/** All of the workflows. */
const FULL_PERCENTAGE = 100;

/** What a rule is checked against, beside the rules. */
export interface RuleContext {
  readonly sets: VersionSets;
  readonly limits: RuleLimits;
  readonly nowMs: number;
}

/** An assignment rule as it is asked for; all workflows unless told otherwise. */
export interface AskedAssignment {
  readonly targetBuildId: string;
  readonly percentage: number | undefined;
}

/** Adds an assignment rule before the one of an index, or as the last. @throws {RPCError} In the service's words. */
export function insertAssignment(
  rules: VersionRules,
  index: number,
  asked: AskedAssignment,
  context: RuleContext,
): VersionRules {
  if (index < 0) throw invalidArgument("rule index cannot be negative");
  const rule = checkedAssignment(rules, asked, context);
  const assignments = rules.assignments.toSpliced(index, 0, rule);
  return withAssignments(rules, assignments, context.limits.assignmentsMax);
}

/** Puts an assignment rule in the place of another. @throws {RPCError} In the service's words. */
export function replaceAssignment(
  rules: VersionRules,
  index: number,
  asked: AskedAssignment,
  context: RuleContext,
  force: boolean,
): VersionRules {
  const rule = checkedAssignment(rules, asked, context);
  return withDefault(rules, replaceAt(rules.assignments, index, [rule]), force);
}

/** Takes an assignment rule away. @throws {RPCError} In the service's words. */
export function deleteAssignment(rules: VersionRules, index: number, force: boolean): VersionRules {
  return withDefault(rules, replaceAt(rules.assignments, index, []), force);
}

/** Lets a build take over the work of another. @throws {RPCError} In the service's words. */
export function addRedirect(
  rules: VersionRules,
  { sourceBuildId, targetBuildId }: Omit<RedirectRule, "createdMs">,
  context: RuleContext,
): VersionRules {
  checkRedirect(sourceBuildId, targetBuildId, context);
  if (rules.assignments.some((rule) => rule.targetBuildId === sourceBuildId && !isFull(rule)))
    throw failedPrecondition(
      "redirect rule source build ID cannot be the target of any partially-ramped assignment rule",
    );
  const known = rules.redirects.find((rule) => rule.sourceBuildId === sourceBuildId);
  if (known !== undefined)
    throw new RPCError(
      RPCStatusCode.ALREADY_EXISTS,
      `source ${sourceBuildId} already redirects to target ${known.targetBuildId}`,
    );
  const rule = { sourceBuildId, targetBuildId, createdMs: context.nowMs };
  return withRedirects(rules, [rule, ...rules.redirects], context.limits, true);
}

/** Lets another build than before take over a build's work. @throws {RPCError} In the service's words. */
export function replaceRedirect(
  rules: VersionRules,
  { sourceBuildId, targetBuildId }: Omit<RedirectRule, "createdMs">,
  context: RuleContext,
): VersionRules {
  checkRedirect(sourceBuildId, targetBuildId, context);
  const others = deleteRedirect(rules, sourceBuildId).redirects;
  const rule = { sourceBuildId, targetBuildId, createdMs: context.nowMs };
  return withRedirects(rules, [rule, ...others], context.limits, false);
}

/** Lets a build keep its work. @throws {RPCError} `NOT_FOUND` if no other has it. */
export function deleteRedirect(rules: VersionRules, sourceBuildId: string): VersionRules {
  const redirects = rules.redirects.filter((rule) => rule.sourceBuildId !== sourceBuildId);
  if (redirects.length === rules.redirects.length)
    throw notFound(`no redirect rule found with source ID ${sourceBuildId}`);
  return { ...rules, redirects };
}

/** Gives all new workflows to a build that only some went to. @throws {RPCError} In the service's words. */
export function commitBuild(rules: VersionRules, targetBuildId: string, context: RuleContext): VersionRules {
  checkNoMember(targetBuildId, context.sets, "target");
  const others = rules.assignments.filter((rule) => rule.targetBuildId !== targetBuildId && !isFull(rule));
  const rule = { targetBuildId, percentage: FULL_PERCENTAGE, createdMs: context.nowMs };
  return withAssignments(rules, [...others, rule], context.limits.assignmentsMax);
}

/**
 * The build that a new workflow gets; empty if no rule applies. The same run is always on the same side of a ramp.
 *
 * @param runId Empty for what belongs to no workflow: that goes up every ramp.
 */
export function assignedBuild({ assignments }: VersionRules, runId: string): string {
  const threshold = runId === "" ? 0 : (100 * fingerprint32(runId)) / 2 ** 32;
  return assignments.find((rule) => isFull(rule) || rule.percentage > threshold)?.targetBuildId ?? "";
}

function isFull({ percentage }: AssignmentRule): boolean {
  return percentage === FULL_PERCENTAGE;
}

function checkedAssignment(
  rules: VersionRules,
  { targetBuildId, percentage = FULL_PERCENTAGE }: AskedAssignment,
  { sets, nowMs }: RuleContext,
): AssignmentRule {
  if (!(percentage >= 0 && percentage <= FULL_PERCENTAGE))
    throw invalidArgument("ramp percentage must be in range [0, 100]");
  checkNoMember(targetBuildId, sets, "target");
  const rule = { targetBuildId, percentage, createdMs: nowMs };
  if (!isFull(rule) && rules.redirects.some(({ sourceBuildId }) => sourceBuildId === targetBuildId))
    throw failedPrecondition(
      "update breaks requirement, this build ID cannot be the target of a partially-ramped assignment rule because it is the source of a redirect rule",
    );
  return rule;
}

function checkRedirect(sourceBuildId: string, targetBuildId: string, { sets }: RuleContext): void {
  if (targetBuildId === "") throw invalidArgument("the unversioned build ID cannot be the target of a redirect rule");
  checkNoMember(sourceBuildId, sets, "source");
  checkNoMember(targetBuildId, sets, "target");
}

function checkNoMember(buildId: string, sets: VersionSets, what: "source" | "target"): void {
  if (setOf(sets, buildId) !== undefined)
    throw failedPrecondition(`update breaks requirement, ${what} build ID is already a member of a version set`);
}

function replaceAt(
  assignments: readonly AssignmentRule[],
  index: number,
  instead: readonly AssignmentRule[],
): AssignmentRule[] {
  if (index < 0 || index >= assignments.length)
    throw invalidArgument(
      `rule index ${index} is out of bounds for assignment rule list of length ${assignments.length}`,
    );
  return assignments.toSpliced(index, 1, ...instead);
}

// Workers without a build may be gone already, so that new workflows do not go back to them by accident.
function withDefault(rules: VersionRules, assignments: readonly AssignmentRule[], force: boolean): VersionRules {
  if (!force && rules.hadDefault && !assignments.some(isFull))
    throw failedPrecondition(
      "at least one fully-ramped assignment rule must exist (use force=true to bypass this requirement and set the unversioned queue as the default)",
    );
  return withAssignments(rules, assignments, 0);
}

function withAssignments(rules: VersionRules, assignments: readonly AssignmentRule[], max: number): VersionRules {
  const { length } = assignments;
  if (max > 0 && length > max)
    throw failedPrecondition(`update exceeds number of assignment rules permitted in namespace (${length}/${max})`);
  return { ...rules, assignments, hadDefault: rules.hadDefault || assignments.some(isFull) };
}

function withRedirects(
  rules: VersionRules,
  redirects: readonly RedirectRule[],
  { redirectsMax, upstreamBuildsMax }: RuleLimits,
  isMore: boolean,
): VersionRules {
  const { length } = redirects;
  if (isMore && redirectsMax > 0 && length > redirectsMax)
    throw failedPrecondition(
      `update exceeds number of redirect rules permitted in namespace (${length}/${redirectsMax})`,
    );
  const wrong = redirectFault(redirects, upstreamBuildsMax);
  if (wrong !== undefined) throw failedPrecondition(wrong);
  return { ...rules, redirects };
}
