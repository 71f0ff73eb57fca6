import type { Activation, InitializeWorkflow } from "../../core/replay/activation.ts";
import { realmFor } from "../sandbox/realm-source.ts";
import type { WorkflowBundle } from "../sandbox/workflow-bundle.ts";
import type { ThreadContext, ThreadService } from "./thread-service.ts";

/** A service for tests that starts workflows of a bundle in a realm of the thread. */
export function createService(init: unknown, context: ThreadContext): ThreadService {
  const bundle = init as WorkflowBundle;
  return {
    start(runId: string, details: InitializeWorkflow, activation: Activation): unknown {
      const realm = realmFor(bundle);
      const moduleKey = bundle.modules[0]?.key ?? "";
      return context.guard(runId, () => {
        const instance = realm.instantiate({
          bundle,
          moduleKey,
          workflowType: details.workflowType,
          details,
          log: () => undefined,
        });
        instance.begin(activation);
        do realm.drain();
        while (instance.advance());
        const completion = instance.finish();
        return completion.status === "completed"
          ? completion.commands.map(({ kind }) => kind)
          : completion.failure.message;
      });
    },
  };
}
