import type { CancelOperationContext, HandlerStartOperationResult, StartOperationContext } from "nexus-rpc";
import type { Payload } from "../proto/gen/common.ts";
import type { ActivityInfo } from "../activity/index.ts";

/** One attempt of an activity as interceptors see it. */
export interface ExecuteActivityInput {
  readonly fn: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly headers: Readonly<Record<string, Payload>>;
}

/** Called around activities. */
export interface ActivityInboundInterceptor {
  /** Called first; wrap `outbound` to see what the activity calls. */
  init(outbound: ActivityOutboundInterceptor): void;
  execute(input: ExecuteActivityInput): Promise<unknown>;
}

/** Called around what an activity asks of its context. */
export interface ActivityOutboundInterceptor {
  info(): ActivityInfo;
  heartbeat(details: readonly unknown[]): void;
}

/** The start of a Nexus operation as interceptors see it. */
export interface ExecuteNexusOperationStartInput {
  readonly ctx: StartOperationContext;
  readonly input: unknown;
}

/** The cancellation of a Nexus operation as interceptors see it. */
export interface ExecuteNexusOperationCancelInput {
  readonly ctx: CancelOperationContext;
  readonly token: string;
}

/** Called around handlers of Nexus operations. */
export interface NexusOperationInboundInterceptor {
  executeStart(input: ExecuteNexusOperationStartInput): Promise<HandlerStartOperationResult>;
  executeCancel(input: ExecuteNexusOperationCancelInput): Promise<void>;
}

/** The workflow that calls a sink. */
export interface SinkContext {
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** Whether history was replayed, which only sinks hear of that ask for it. */
  readonly isReplaying: boolean;
}

/** Takes what workflow code hands to `workflow.callSink`. */
export type WorkflowSink = (value: unknown, context: SinkContext) => void;

/** Makes interceptors; what is absent is not intercepted. One object may be a client's interceptor too. */
export interface Interceptor {
  /** Names of error classes that fail the workflow instead of its task, beside those of the worker. @default none */
  readonly workflowFailureErrorTypes?: readonly string[];
  interceptActivity?(next: ActivityInboundInterceptor): ActivityInboundInterceptor;
  interceptNexusOperation?(next: NexusOperationInboundInterceptor): NexusOperationInboundInterceptor;
  /**
   * Module, by its path or `file:` URL, that exports a function `interceptors`, which makes the interceptors of a
   * workflow's run. It runs where workflow code does.
   */
  readonly workflowInterceptorModule?: string | undefined;
  /** Sinks by the names that workflow code calls them by. */
  readonly sinks?: Readonly<Record<string, WorkflowSink>> | undefined;
}
