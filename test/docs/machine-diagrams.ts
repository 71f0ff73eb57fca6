import { activityExecutionMachine } from "../../src/core/activity-execution/machine.ts";
import { activityMachine } from "../../src/core/execution/activity/machine.ts";
import { callbackMachine } from "../../src/core/execution/callback/machine.ts";
import { childMachine } from "../../src/core/execution/child/machine.ts";
import { externalCancelMachine, externalSignalMachine } from "../../src/core/execution/external/machine.ts";
import { nexusCancelMachine, nexusOperationMachine } from "../../src/core/execution/nexus/machine.ts";
import { runMachine } from "../../src/core/execution/run/machine.ts";
import { timerMachine } from "../../src/core/execution/timer/machine.ts";
import { updateMachine } from "../../src/core/execution/update/machine.ts";
import { workflowTaskMachine } from "../../src/core/execution/workflow-task/machine.ts";
import { nexusExecutionMachine } from "../../src/core/nexus-execution/machine.ts";
import { replayMachines } from "../../src/core/replay/tables.ts";

interface AnyTable {
  readonly name: string;
  readonly table: Readonly<
    Record<string, Readonly<Record<string, ((input: never) => { readonly state: string }) | undefined>>>
  >;
}

const executionMachines = [
  runMachine,
  workflowTaskMachine,
  activityMachine,
  timerMachine,
  childMachine,
  externalSignalMachine,
  externalCancelMachine,
  updateMachine,
  activityExecutionMachine,
  nexusExecutionMachine,
  nexusOperationMachine,
  nexusCancelMachine,
  callbackMachine,
] as unknown as readonly AnyTable[];

/** Inputs whose every property is true, or false: between them they lead a cell wherever it can lead. */
const probes = [true, false].map((value) => new Proxy({}, { get: () => value }) as never);

function targetsOf(cell: (input: never) => { readonly state: string }): string[] {
  return [...new Set(probes.map((probe) => cell(probe).state))];
}

function renderMachine({ name, table }: AnyTable): string {
  const edges = new Map<string, string[]>();
  for (const [state, row] of Object.entries(table))
    for (const [input, cell] of Object.entries(row))
      for (const target of cell === undefined ? [] : targetsOf(cell)) {
        const edge = `${state} --> ${target}`;
        edges.set(edge, [...(edges.get(edge) ?? []), input]);
      }
  const lines = [...edges].map(([edge, inputs]) => `  ${edge}: ${inputs.join(", ")}`);
  return [
    `### ${name}`,
    "",
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${Object.keys(table)[0]}`,
    ...lines,
    "```",
    "",
  ].join("\n");
}

/** The text of docs/machines.md. */
export function renderMachines(): string {
  return [
    "# State machines",
    "",
    "Drawn from the tables in the code by `npm run docs`; a test keeps this page true. What has no arrow is refused: in the server's",
    "half as an error to the caller, in the worker's half as nondeterminism.",
    "",
    "## What the server writes (`src/core/execution`)",
    "",
    ...executionMachines.map(renderMachine),
    "## What the worker reads (`src/core/replay`)",
    "",
    ...(replayMachines as unknown as readonly AnyTable[]).map(renderMachine),
  ].join("\n");
}
