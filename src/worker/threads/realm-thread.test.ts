import { expect, onTestFinished, test } from "vitest";
import { detailsOf, activationOf, initialize, bundleFiles } from "../sandbox/sandbox.test-support.ts";
import { StackMapper } from "../sandbox/stack-mapper.ts";
import { WorkflowDeadlockError } from "./thread-error.ts";
import { ThreadPool } from "./thread-pool.ts";

test.each([
  { name: "a loop", body: "for (;;) turns += 1;", place: /at spin \(workflows\.ts:5:\d+\)/ },
  // Where a chain of microtasks is paused, its code may just not be on the stack.
  { name: "a chain of microtasks", body: "for (;;) await null;", place: /\n {4}at / },
])("$name in workflow code ends its thread, with the place in its source", async ({ body, place }) => {
  const bundle = await bundleFiles({
    "workflows.ts": `import * as workflow from "perdure/workflow";
      interface Padding { readonly lines: number }
      let turns = 0;
      async function spin(padding: Padding): Promise<void> {
        ${body}
      }
      @workflow.defn() class Trial { @workflow.run async run(loops: boolean): Promise<number> { if (loops) await spin({ lines: 1 }); return turns; } }`,
  });
  const stacks = new StackMapper(bundle);
  const module = new URL("./realm-thread.test-support.ts", import.meta.url);
  const pool = new ThreadPool({
    module,
    init: bundle,
    host: {},
    deadlockTimeoutMs: 150,
    mapStack: (stack) => stacks.map(stack),
  });
  onTestFinished(() => pool.stop());
  const start = (runId: string, loops: boolean): Promise<unknown> =>
    pool.call(
      runId,
      "start",
      runId,
      detailsOf("Trial", runId, "7", [loops]),
      activationOf([initialize("Trial", [loops])]),
    );

  expect(await start("good", false)).toEqual(["completeWorkflow"]);
  const error = await start("bad", true).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WorkflowDeadlockError);
  expect(String(error)).toMatch(place);
  expect(await start("good", false)).toEqual(["completeWorkflow"]);
});
