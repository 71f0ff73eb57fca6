import type { PatchActivationInput, WorkflowInterceptors } from "perdure/workflow";
import * as workflow from "perdure/workflow";

/** What must not be done while a patch is decided on, by what the id of the workflow begins with. */
const trespasses: Readonly<Record<string, () => unknown>> = {
  command: () => workflow.upsertMemo({ note: "from a decision" }),
  timer: () => setTimeout(() => {}, 1),
  wait: () => workflow.waitCondition(() => true),
  random: () => workflow.random().random(),
  seed: () => workflow.registerRandomSeedCallback(() => {}),
  stream: () => workflow.newRandom(),
};

/** Takes every patch, and tells the worker that it was asked. */
export function interceptors(): WorkflowInterceptors {
  return {
    patchActivation({ patchId, workflowInfo: { workflowId } }: PatchActivationInput): boolean {
      workflow.callSink("asked", `${patchId} by ${workflowId}`);
      const [way = ""] = workflowId.split("-");
      if (way === "odd") return "not a boolean" as never;
      trespasses[way]?.();
      return true;
    },
  };
}
