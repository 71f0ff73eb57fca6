/** A build whose work goes to another. */
interface Redirect {
  readonly sourceBuildId: string;
  readonly targetBuildId: string;
}

/** The build that has a build's work in the end: it itself unless another takes over. There are no cycles. */
export function redirectedBuild(redirects: readonly Redirect[], buildId: string): string {
  let found = buildId;
  for (;;) {
    const next = redirects.find(({ sourceBuildId }) => sourceBuildId === found);
    if (next === undefined) return found;
    found = next.targetBuildId;
  }
}

/** Why redirects cannot be, in the service's words: none leads back, and no more builds than `upstreamMax` lead to one. */
export function redirectFault(redirects: readonly Redirect[], upstreamMax: number): string | undefined {
  for (const { sourceBuildId } of redirects)
    if (comesBack(redirects, sourceBuildId)) return "update would break acyclic requirement";
  for (const { targetBuildId } of redirects) {
    const count = upstreamOf(redirects, targetBuildId).size;
    if (count > upstreamMax)
      return `update exceeds number of upstream build ids permitted in namespace (${count}/${upstreamMax})`;
  }
  return undefined;
}

function comesBack(redirects: readonly Redirect[], sourceBuildId: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = sourceBuildId; at !== undefined;) {
    if (seen.has(at)) return true;
    seen.add(at);
    at = redirects.find((redirect) => redirect.sourceBuildId === at)?.targetBuildId;
  }
  return false;
}

function upstreamOf(redirects: readonly Redirect[], buildId: string, found = new Set<string>()): Set<string> {
  for (const { sourceBuildId, targetBuildId } of redirects) {
    if (targetBuildId !== buildId || found.has(sourceBuildId)) continue;
    found.add(sourceBuildId);
    upstreamOf(redirects, sourceBuildId, found);
  }
  return found;
}
