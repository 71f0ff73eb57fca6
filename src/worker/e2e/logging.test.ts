import { expect, test } from "vitest";
import * as activity from "../../activity.ts";
import type { LogAttributes } from "../../core/telemetry/logger.ts";
import { fromPino, type AttributesFirstLogger, type LogLevel } from "../../runtime.ts";
import { Replayer, Runtime, type RuntimeOptions } from "../index.ts";
import { Talking } from "./logging.workflows.ts";
import { createWorld } from "./world.test-support.ts";

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly attributes: LogAttributes;
}

/** A logger without `trace`, as some are. */
function createPlain(): { readonly lines: Line[]; readonly logger: NonNullable<RuntimeOptions["logger"]> } {
  const lines: Line[] = [];
  const line =
    (level: LogLevel) =>
    (message: string, attributes: LogAttributes = {}): void =>
      void lines.push({ level, message, attributes });
  return { lines, logger: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") } };
}

/** A logger of pino's form. */
function createPino(): { readonly lines: Line[]; readonly pino: AttributesFirstLogger } {
  const lines: Line[] = [];
  const line =
    (level: LogLevel) =>
    (attributes: object, message: string): void =>
      void lines.push({ level, message, attributes: attributes as LogAttributes });
  const pino = {
    trace: line("trace"),
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  return { lines, pino };
}

const activities = {
  async talk(name: string): Promise<void> {
    activity.logger.debug("talks", { name });
    activity.logger.error("stumbles", { error: new Error("oh") });
  },
};

const textOf = (lines: readonly Line[]): string[] => lines.map(({ level, message }) => `${level} ${message}`);

test(
  "workers of one process log apart, each by the levels of its areas, and nothing again in replay",
  { timeout: 60_000 },
  async () => {
    const { client, clock, createWorker, until } = await createWorld();
    const plain = createPlain();
    const { lines: pinoLines, pino } = createPino();
    const quiet = new Runtime({
      clock,
      logger: plain.logger,
      telemetry: { logging: { levels: { sdk: "error", workflow: "info", activity: "error" } } },
    });
    const loud = new Runtime({ clock, logger: fromPino(pino), telemetry: { logging: { levels: { sdk: "warn" } } } });
    const runtimes = [
      ["quiet", quiet],
      ["loud", loud],
    ] as const;
    for (const [taskQueue, runtime] of runtimes)
      await createWorker({ workflows: [Talking], activities, runtime, taskQueue, maxCachedWorkflows: 0 });
    for (const [taskQueue] of runtimes) {
      const handle = await until(client.startWorkflow(Talking, { id: taskQueue, taskQueue }));
      await until(handle.executeUpdate("rename", { args: ["Ada"], id: "u" }));
      await until(handle.result());
    }
    expect(textOf(plain.lines)).toEqual(["warn by the console", "info renamed", "error stumbles", "info ends"]);
    expect(textOf(pinoLines)).toEqual([
      "debug begins",
      "warn by the console",
      "info renamed",
      "debug talks",
      "error stumbles",
      "info ends",
    ]);
    // As the reference SDK names them, in camel case.
    expect(plain.lines[1]?.attributes).toMatchObject({
      attempt: 1,
      namespace: "default",
      taskQueue: "quiet",
      workflowId: "quiet",
      workflowType: "Talking",
      updateId: "u",
      updateName: "rename",
      name: "Ada",
    });
    expect(plain.lines[2]?.attributes).toMatchObject({
      activityId: "1",
      activityType: "talk",
      attempt: 1,
      namespace: "default",
      taskQueue: "quiet",
      workflowId: "quiet",
      workflowType: "Talking",
    });
    expect(pinoLines[4]?.attributes).toMatchObject({ err: expect.objectContaining({ message: "oh" }) as Error });

    const replays = createPlain();
    await using replayer = await Replayer.create({
      workflows: [Talking],
      runtime: new Runtime({ logger: replays.logger }),
    });
    await replayer.replayWorkflow(await until(client.getWorkflowHandle("loud").fetchHistory()));
    expect(textOf(replays.lines).filter((line) => line !== "info ends")).toEqual([]);
  },
);
