import * as workflow from "perdure/workflow";

/** Tells that it waits, and waits for ever: in a file other than that of the workflow that calls it. */
export async function waitOutside(tell: () => void): Promise<void> {
  tell(); // waits outside
  await workflow.waitCondition(() => false);
}
