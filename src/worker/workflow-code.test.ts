import { expect, test } from "vitest";
import { FirstTwin, SecondTwin } from "./e2e/namesakes.workflows.ts";
import { OptionsError } from "./index.ts";
import { Replayer } from "./replayer.ts";

test.each([FirstTwin, SecondTwin])(
  "two classes of one name in one module are refused when they are registered",
  async (twin) => {
    const creation = Replayer.create({ workflows: [twin] });
    await expect(creation).rejects.toThrow(OptionsError);
    await expect(creation).rejects.toThrow(
      /Cannot bundle workflow "Twin": classes "(First|Second)Twin" and "(First|Second)Twin" of ".*namesakes\.workflows\.ts" both define it/,
    );
  },
);

test("outside of the sandbox a class is known by itself, whatever its name", async () => {
  await using replayer = await Replayer.create({ workflows: [SecondTwin], workflowRunner: { kind: "unsandboxed" } });
  expect(replayer.config().workflows).toEqual([SecondTwin]);
});
