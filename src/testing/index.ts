export { ActivityEnvironment, defaultActivityInfo, type ActivityEnvironmentOptions } from "./activity-environment.ts";
export type { LocalEnvironmentOptions, RestoreOptions } from "./environment-server.ts";
export { SnapshotError } from "./environment-snapshot.ts";
export {
  environmentFixture,
  withEnvironment,
  type EnvironmentFixture,
  type TestSetup,
  type TestWorld,
} from "./test-environment.ts";
export { WorkflowEnvironment } from "./workflow-environment.ts";
export { mockActivities, type ActivityMocks, type MockedActivities } from "./mock-activities.ts";
export { defaultFaultRates, type FaultKind, type FaultRates } from "./simulation/fault-plan.ts";
export {
  simulate,
  type Invariant,
  type SimulationContext,
  type SimulationFacts,
  type SimulationOptions,
  type SimulationSummary,
} from "./simulation/simulate.ts";
export { SimulationError, SimulationStuckError, type SimulationFailure } from "./simulation/simulation-error.ts";
