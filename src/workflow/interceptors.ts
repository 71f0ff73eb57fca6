import type { ActivityHandle, StartActivityInput, StartLocalActivityInput } from "./activity-options.ts";
import type { ChildWorkflowHandle, StartChildWorkflowInput } from "./child-workflow-options.ts";
import type { ContinueAsNewInput } from "./continue-as-new-options.ts";
import type { Headers } from "./headers.ts";
import type { WorkflowInfo } from "./workflow-info.ts";
import type { NexusOperationHandle, StartNexusOperationInput } from "./nexus-options.ts";

/** A call of the workflow's run method. */
export interface ExecuteWorkflowInput {
  readonly args: readonly unknown[];
  readonly headers: Headers;
}

/** A signal on its way to its handler. */
export interface HandleSignalInput {
  readonly signal: string;
  readonly args: readonly unknown[];
  readonly headers: Headers;
}

/** A query on its way to its handler. */
export interface HandleQueryInput {
  readonly id: string;
  readonly query: string;
  readonly args: readonly unknown[];
  readonly headers: Headers;
}

/** An update on its way to its validator or handler. */
export interface HandleUpdateInput {
  readonly id: string;
  readonly update: string;
  readonly args: readonly unknown[];
  readonly headers: Headers;
}

/** A signal to a child workflow. */
export interface SignalChildWorkflowInput {
  readonly signal: string;
  readonly args: readonly unknown[];
  readonly childWorkflowId: string;
  readonly headers: Headers;
}

/** A signal to a workflow that is no child. */
export interface SignalExternalWorkflowInput {
  readonly signal: string;
  readonly args: readonly unknown[];
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string | undefined;
  readonly headers: Headers;
}

/** Called around what comes into a workflow. What is absent is not intercepted. */
export interface WorkflowInboundInterceptor {
  executeWorkflow?(
    input: ExecuteWorkflowInput,
    next: (input: ExecuteWorkflowInput) => Promise<unknown>,
  ): Promise<unknown>;
  handleSignal?(input: HandleSignalInput, next: (input: HandleSignalInput) => unknown): unknown;
  handleQuery?(input: HandleQueryInput, next: (input: HandleQueryInput) => unknown): unknown;
  validateUpdate?(input: HandleUpdateInput, next: (input: HandleUpdateInput) => void): void;
  handleUpdate?(input: HandleUpdateInput, next: (input: HandleUpdateInput) => unknown): unknown;
}

/** Called around what a workflow asks for. What is absent is not intercepted. */
export interface WorkflowOutboundInterceptor {
  continueAsNew?(input: ContinueAsNewInput, next: (input: ContinueAsNewInput) => never): never;
  startActivity?(
    input: StartActivityInput,
    next: (input: StartActivityInput) => ActivityHandle<unknown>,
  ): ActivityHandle<unknown>;
  startLocalActivity?(
    input: StartLocalActivityInput,
    next: (input: StartLocalActivityInput) => ActivityHandle<unknown>,
  ): ActivityHandle<unknown>;
  startChildWorkflow?(
    input: StartChildWorkflowInput,
    next: (input: StartChildWorkflowInput) => Promise<ChildWorkflowHandle<never>>,
  ): Promise<ChildWorkflowHandle<never>>;
  signalChildWorkflow?(
    input: SignalChildWorkflowInput,
    next: (input: SignalChildWorkflowInput) => Promise<void>,
  ): Promise<void>;
  signalExternalWorkflow?(
    input: SignalExternalWorkflowInput,
    next: (input: SignalExternalWorkflowInput) => Promise<void>,
  ): Promise<void>;
  startNexusOperation?(
    input: StartNexusOperationInput,
    next: (input: StartNexusOperationInput) => Promise<NexusOperationHandle<unknown>>,
  ): Promise<NexusOperationHandle<unknown>>;
}

/** A patch that a workflow meets for the first time. */
export interface PatchActivationInput {
  readonly workflowInfo: WorkflowInfo;
  readonly patchId: string;
}

/** The interceptors of one run, outermost first. */
export interface WorkflowInterceptors {
  readonly inbound?: readonly WorkflowInboundInterceptor[];
  readonly outbound?: readonly WorkflowOutboundInterceptor[];
  /**
   * Whether code takes the newer path of a patch that neither history nor an earlier question has settled: false holds it back,
   * for as long as workers without it may run. Asked once for a run and a patch, never in replay nor by `deprecatePatch`; it must
   * change nothing. The run keeps to the answer.
   *
   * @default true
   */
  readonly patchActivation?: (input: PatchActivationInput) => boolean;
}

type Around<Input, Output> = (input: Input, next: (input: Input) => Output) => Output;

/** Calls `last` through all interceptors that have the method. */
export function callThrough<T, K extends keyof T, Input, Output>(
  interceptors: readonly T[],
  method: NonNullable<T[K]> extends Around<Input, Output> ? K : never,
  input: Input,
  last: (input: Input) => Output,
): Output {
  const from = (index: number, current: Input): Output => {
    for (let at = index; at < interceptors.length; at++) {
      const interceptor = interceptors[at] as Readonly<Record<K, Around<Input, Output> | undefined>>;
      if (interceptor[method] !== undefined) return interceptor[method](current, (changed) => from(at + 1, changed));
    }
    return last(current);
  };
  return from(0, input);
}
