import assert from "node:assert/strict";
import { PendingNexusOperationState } from "../../../src/proto/gen/enums.ts";
import type { Scenario } from "../scenario.ts";
import { withTrouble } from "./nexus-trouble.ts";
import { CallsTrouble, CancelsLate } from "./nexus-trouble.workflows.ts";

/** More failures in a row than a circuit breaker lets pass. */
const CALLS = ["1", "2", "3", "4", "5", "6", "7"];

const heldBack: Scenario = {
  name: "Nexus requests to an endpoint that fails again and again are held back, and say so",
  async run(world) {
    await withTrouble(world, async (endpoint) => {
      const { client, taskQueue, newId, eventually } = world;
      const id = newId("held-back");
      const args: Parameters<CallsTrouble["run"]> = [endpoint, "never", CALLS, { scheduleToCloseTimeout: "1h" }];
      const handle = await client.startWorkflow(CallsTrouble, { args, id, taskQueue });
      const execution = { workflowId: id };
      await eventually(async () => {
        const { namespace, workflowService } = client;
        const { pendingNexusOperations } = await workflowService.describeWorkflowExecution({ namespace, execution });
        return (
          pendingNexusOperations.length === CALLS.length &&
          pendingNexusOperations.every(
            ({ state, blockedReason }) =>
              state === PendingNexusOperationState.BLOCKED && blockedReason === "The circuit breaker is open.",
          )
        );
      });
      await handle.terminate();
    });
  },
};

const cancelledTooLate: Scenario = {
  name: "a Nexus operation that soon times out is not asked to cancel any more",
  async run(world) {
    await withTrouble(world, async (endpoint) => {
      const { client, taskQueue, newId, eventually } = world;
      let told = "";
      await eventually(async () => {
        const napId = newId("cancelled-late");
        const args: Parameters<CancelsLate["run"]> = [endpoint, napId];
        told = await client.executeWorkflow(CancelsLate, { args, id: newId("cancels-late"), taskQueue });
        await client.getWorkflowHandle(`naps-${napId}`).terminate();
        // On a busy machine it may have timed out before it was cancelled.
        return told !== "operation timed out";
      });
      assert.equal(told, "not enough time to execute another request before StartToClose timeout");
    });
  },
};

/** What Nexus operations are limited by. */
export const nexusLimits: readonly Scenario[] = [heldBack, cancelledTooLate];
