export {
  ActivityEnvironment,
  defaultActivityInfo,
  WorkflowEnvironment,
  type ActivityEnvironmentOptions,
  type LocalEnvironmentOptions,
} from "./testing/index.ts";
