import type { WorkflowCommand } from "../../src/core/replay/activation.ts";
import type { Script } from "./history-echo.ts";

/** One thing that changed code might do otherwise. */
export interface Mutation {
  readonly name: string;
  readonly change: "extra" | "drop" | "swap" | "rename";
  /** The commands of the task that the change touches. */
  readonly commands: readonly WorkflowCommand[];
  readonly script: Script;
}

/** A script changed in every single way that changed code could: a command less, one more, two swapped, one of another name or id. */
export function mutate(script: Script): readonly Mutation[] {
  const mutations: Mutation[] = [];
  for (const [task, commands] of script) {
    const add = (
      change: Mutation["change"],
      touched: readonly WorkflowCommand[],
      changed: readonly WorkflowCommand[],
    ) =>
      mutations.push({
        name: `${change} ${touched.map(({ kind }) => kind).join(", ")} in task ${task}`,
        change,
        commands: touched,
        script: new Map([...script, [task, changed]]),
      });
    add("extra", [extra], [extra, ...commands]);
    add("extra", [extra, ...commands], [...commands, extra]);
    for (const [at, command] of commands.entries()) {
      add("drop", [command], commands.toSpliced(at, 1));
      const next = commands[at + 1];
      if (next !== undefined) add("swap", [command, next], commands.toSpliced(at, 2, next, command));
      for (const changed of rename(command)) add("rename", [command], commands.with(at, changed));
    }
  }
  return mutations;
}

const extra: WorkflowCommand = { kind: "startTimer", seq: 9999, durationMs: 1 };

function rename(command: WorkflowCommand): readonly WorkflowCommand[] {
  const other = "other";
  switch (command.kind) {
    case "scheduleActivity":
    case "scheduleLocalActivity":
      return [
        { ...command, activity: { ...command.activity, activityType: other } },
        { ...command, activity: { ...command.activity, activityId: other } },
      ];
    case "startChildWorkflow":
      return [
        { ...command, child: { ...command.child, workflowType: other } },
        { ...command, child: { ...command.child, workflowId: other } },
      ];
    case "startTimer":
      return [{ ...command, seq: 9999 }];
    case "setPatchMarker":
      return [{ ...command, patchId: other }];
    case "completeWorkflow":
      return [{ kind: "cancelWorkflow" }];
    default:
      return [];
  }
}
