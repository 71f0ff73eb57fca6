import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen } from "../history/run.ts";
import type { Services } from "../services.ts";
import { checkBlobSize } from "./blob-size.ts";
import { serve, type CallRow } from "./calls.ts";
import { signalLink } from "./links.ts";
import {
  limitLength,
  requireChain,
  requireExecution,
  requireNamespace,
  requireRun,
} from "./requests.ts";

// How the service signs a termination of which nobody said why or by whom.
const TERMINATE_REASON_DEFAULT = "terminated by user via frontend";
const TERMINATE_IDENTITY_DEFAULT = "frontend-service";

/** What clients do to runs: signal, cancel, terminate, delete. */
export function executionCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  const { engine } = services;
  return [
    serve(methods.SignalWorkflowExecution, async (request) => {
      const execution = requireExecution(request.workflowExecution);
      if (request.signalName === "") throw invalidArgument("SignalName is not set on request.");
      limitLength(services, request.signalName, "SignalName length exceeds limit.");
      limitLength(services, request.requestId, "RequestId length exceeds limit.");
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, execution);
      checkBlobSize(services, request.input);
      const { value, committed } = engine.apply(run, { kind: "signal", request });
      await committed;
      if (value.error !== undefined) throw value.error;
      const { requestId } = request;
      return requestId === "" ? {} : { link: signalLink(namespace, run, requestId) };
    }),
    serve(methods.RequestCancelWorkflowExecution, async (request) => {
      const execution = requireExecution(request.workflowExecution);
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, execution);
      requireChain(run, request.firstExecutionRunId);
      // As in the service, cancelling what is over already is a success.
      if (!isOpen(run)) return {};
      const { requestId, reason, identity } = request;
      const { value, committed } = engine.apply(run, { kind: "requestCancel", requestId, reason, identity });
      await committed;
      if (value.error !== undefined) throw value.error;
      return {};
    }),
    serve(methods.TerminateWorkflowExecution, async (request) => {
      const execution = requireExecution(request.workflowExecution);
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, execution);
      requireChain(run, request.firstExecutionRunId);
      const { value, committed } = engine.apply(run, {
        kind: "terminate",
        reason: request.reason || TERMINATE_REASON_DEFAULT,
        details: request.details,
        identity: request.identity || TERMINATE_IDENTITY_DEFAULT,
      });
      await committed;
      if (value.error !== undefined) throw value.error;
      return {};
    }),
    serve(methods.DeleteWorkflowExecution, async (request) => {
      const execution = requireExecution(request.workflowExecution);
      const namespace = requireNamespace(services, request.namespace);
      const run = requireRun(services, namespace, execution);
      await engine.transact((transaction) => {
        // As in the service, an open run is terminated first, so that its parent and its children learn of it.
        if (isOpen(run)) {
          transaction.step(run, {
            kind: "terminate",
            reason: "Delete workflow execution",
            identity: "history-service",
          });
        }
        transaction.delete(run);
      }).committed;
      return {};
    }),
  ];
}
