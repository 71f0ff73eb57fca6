import { WorkflowUsageError } from "./workflow-error.ts";
import { writableFrame } from "./runtime/current.ts";

/**
 * Whether code should take the newer path of a change with this id: not while history is replayed that was made without it.
 *
 * Answers the same whenever it is asked in a run.
 */
export function patched(patchId: string): boolean {
  return patch(patchId, false);
}

/** Says that a change is everywhere: no workflow of the older path runs, or will be queried, any more. */
export function deprecatePatch(patchId: string): void {
  patch(patchId, true);
}

function patch(patchId: string, deprecated: boolean): boolean {
  const { run } = writableFrame("patch");
  const earlier = run.patchAnswers?.get(patchId);
  if (earlier !== undefined) return earlier;
  const { isReplaying } = run.facts;
  const isKnown = run.knownPatches.includes(patchId);
  const { patchActivation } = run.settings;
  let answer = !isReplaying || isKnown;
  if (!deprecated && !isReplaying && !isKnown && patchActivation !== undefined) {
    // Only a patch that nothing has settled is for the worker to hold back.
    const activated: unknown = run.readOnly(() => patchActivation(patchId), false);
    if (typeof activated !== "boolean")
      throw new WorkflowUsageError(
        `Cannot patch "${patchId}": the worker's patch activation answered with ${typeof activated}, expected true or false`,
      );
    answer = activated;
  }
  run.patchAnswers ??= new Map();
  run.patchAnswers.set(patchId, answer);
  if (answer) run.push({ kind: "setPatchMarker", patchId, deprecated });
  return answer;
}
