export { ActivityEnvironment, defaultActivityInfo, type ActivityEnvironmentOptions } from "./activity-environment.ts";
export { WorkflowEnvironment, type LocalEnvironmentOptions } from "./workflow-environment.ts";
