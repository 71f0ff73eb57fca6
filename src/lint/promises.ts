/* Which calls of perdure/workflow answer with a promise. */

/** By their paths in the module. */
export const PROMISING_CALLS: ReadonlySet<string> = new Set([
  "executeActivity",
  "executeLocalActivity",
  "startActivity",
  "startLocalActivity",
  "executeChildWorkflow",
  "startChildWorkflow",
  "signalWithStartWorkflow",
  "sleep",
  "waitCondition",
  "wait",
  "shield",
  "CancellationScope.cancellable",
  "CancellationScope.nonCancellable",
  "CancellationScope.withTimeout",
]);

/** The methods that answer so of what a call or a class makes; "any" for objects all of whose methods do. */
export const PROMISING_METHODS: ReadonlyMap<string, ReadonlySet<string> | "any"> = new Map<
  string,
  ReadonlySet<string> | "any"
>([
  ["activities", "any"],
  ["localActivities", "any"],
  ["createNexusClient", new Set(["startOperation", "executeOperation"])],
  ["getExternalWorkflowHandle", new Set(["signal", "cancel"])],
  ["getExternalWorkflowHandleFor", new Set(["signal", "cancel"])],
  ["signalWithStartWorkflow", new Set(["signal", "cancel"])],
  ["startChildWorkflow", new Set(["signal", "result"])],
  ["CancellationScope", new Set(["run"])],
  ["Event", new Set(["wait"])],
  ["Lock", new Set(["acquire", "run"])],
  ["Semaphore", new Set(["acquire", "run"])],
  ["Queue", new Set(["get", "put"])],
]);
