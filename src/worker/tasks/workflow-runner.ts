import type {
  Activation,
  ActivationCompletion,
  InitializeWorkflow,
  IssuedCommand,
} from "../../core/replay/activation.ts";

/** One run of workflow code, instantiated. */
export interface WorkflowCode {
  /** Carries out one activation. A failure of user code is a completion; a rejection means that the code is lost. */
  activate(activation: Activation): ActivationCompletion | Promise<ActivationCompletion>;
  /** Where the code issued a command, or waits: for errors of replay. */
  placeOf?(command: IssuedCommand | undefined): string | undefined;
  /** Lets go of the code without running any more of it. */
  dispose(): void;
}

/** Makes workflow code for runs. */
export interface WorkflowRunner {
  /** @throws If the workflow is not known or its module cannot be evaluated. */
  create(details: InitializeWorkflow): WorkflowCode;
}
