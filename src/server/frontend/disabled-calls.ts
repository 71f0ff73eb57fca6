import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";

/** What the service has but does not serve any more, or not unless it is switched on, with the answer it gives then. */
export function disabledCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const rules = [
    methods.CreateWorkflowRule,
    methods.DescribeWorkflowRule,
    methods.DeleteWorkflowRule,
    methods.ListWorkflowRules,
    methods.TriggerWorkflowRule,
  ];
  const deployments = [
    methods.DescribeDeployment,
    methods.ListDeployments,
    methods.GetDeploymentReachability,
    methods.GetCurrentDeployment,
    methods.SetCurrentDeployment,
  ];
  const commands = [methods.FetchWorkerConfig, methods.UpdateWorkerConfig];
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
  return [
    ...rules.map(({ path }): CallRow => [
      path,
      () => Promise.reject(unimplemented(`method ${nameOf(path)} not supported`)),
    ]),
    ...deployments.map(({ path }): CallRow => [
      path,
      () =>
        Promise.reject(
          unimplemented("Deployments are deprecated and no longer supported, use Worker Deployments instead"),
        ),
    ]),
    ...commands.map(({ path }): CallRow => [
      path,
      () => Promise.reject(unimplemented(`${nameOf(path)} command is not enabled.`)),
    ]),
    serve(methods.ListArchivedWorkflowExecutions, ({ namespace }) => {
      requireNamespace(services, namespace);
      throw invalidArgument("Cluster is not configured for visibility archival.");
    }),
  ];
}
