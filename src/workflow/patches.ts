import { info } from "./info.ts";
import { WorkflowUsageError } from "./workflow-error.ts";
import { writableFrame } from "./runtime/current.ts";
import type { Run } from "./runtime/run.ts";

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
  // Only a patch that nothing has settled is for the worker to hold back.
  const answer = deprecated || isReplaying || isKnown ? !isReplaying || isKnown : isActivated(run, patchId);
  run.patchAnswers ??= new Map();
  run.patchAnswers.set(patchId, answer);
  if (answer) run.push({ kind: "setPatchMarker", patchId, deprecated });
  return answer;
}

function isActivated(run: Run, patchId: string): boolean {
  const { patchActivation } = run.settings;
  if (patchActivation?.(patchId) === false) return false;
  return run.patchActivations.every((activation) => {
    const answer: unknown = run.readOnly(() => activation({ workflowInfo: info(), patchId }), false);
    if (typeof answer === "boolean") return answer;
    throw new WorkflowUsageError(
      `Cannot patch "${patchId}": the worker's patch activation answered with ${typeof answer}, expected true or false`,
    );
  });
}
