import { expect, test } from "vitest";
import { defn, run, signal } from "../../workflow/decorators.ts";
import { definitionOf } from "../../workflow/definition.ts";
import { sleep } from "../../workflow.ts";
import { activationOf, detailsOf, initialize, resultOf } from "./sandbox.test-support.ts";
import { UnsandboxedRunner } from "./unsandboxed-runner.ts";

let shared = 0;

@defn()
class Plain {
  #signals: string[] = [];

  @signal note(text: string): void {
    this.#signals.push(text);
  }

  @run async run(): Promise<unknown> {
    shared += 1;
    const cwd = process.cwd();
    await sleep(1_000);
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    await sleep(1_000);
    return [this.#signals, typeof cwd];
  }
}

function createRunner(): UnsandboxedRunner {
  return new UnsandboxedRunner({ definitions: [definitionOf(Plain)], log: () => undefined });
}

test("workflow code runs as it is, and waits only for the workflow's own events", async () => {
  const runner = createRunner();
  const before = shared;
  const code = runner.create(detailsOf("Plain", "run", "7", []));
  expect(await code.activate(activationOf([initialize("Plain")]))).toMatchObject({
    commands: [{ kind: "startTimer" }],
  });
  expect(shared).toBe(before + 1);
  const note = {
    kind: "signalWorkflow",
    signalName: "note",
    input: [],
    headers: {},
    identity: "",
    eventId: 0,
  } as const;
  await code.activate(activationOf([note, { kind: "fireTimer", seq: 1 }]));
  expect(resultOf(await code.activate(activationOf([{ kind: "fireTimer", seq: 2 }])))).toEqual([[null], "string"]);
});

test("activations of several runs take turns", async () => {
  const runner = createRunner();
  const codes = ["a", "b", "c"].map((runId) => runner.create(detailsOf("Plain", runId, "7", [])));
  const all = async (seq: number): Promise<unknown[]> =>
    Promise.all(
      codes.map(async (code) =>
        code.activate(activationOf(seq === 0 ? [initialize("Plain")] : [{ kind: "fireTimer", seq }])),
      ),
    );
  for (const completion of await all(0))
    expect(completion).toMatchObject({ commands: [{ kind: "startTimer", seq: 1 }] });
  for (const completion of await all(1))
    expect(completion).toMatchObject({ commands: [{ kind: "startTimer", seq: 2 }] });
  for (const completion of await all(2)) expect(completion).toMatchObject({ commands: [{ kind: "completeWorkflow" }] });
});

test("a workflow that is not known is refused, and so is code that was let go of", async () => {
  const runner = createRunner();
  expect(() => runner.create(detailsOf("Other", "run", "7", []))).toThrow(
    "Workflow class Other is not registered on this worker, available workflows: Plain",
  );
  const code = runner.create(detailsOf("Plain", "run", "7", []));
  code.dispose();
  await expect(code.activate(activationOf([]))).rejects.toThrow("its code was let go of");
});
