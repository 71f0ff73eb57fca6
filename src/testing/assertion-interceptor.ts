import type { ClientInterceptor } from "../client/index.ts";
import type { Interceptor } from "../worker/index.ts";

/**
 * Makes an assertion that fails in workflow code fail its workflow, and so the test that waits for it.
 *
 * Without it the workflow task would be tried again until the code is mended, as for any error that is a bug. Assertion
 * libraries all name their errors the same.
 */
export const assertionInterceptor: ClientInterceptor & Interceptor = {
  workflowFailureErrorTypes: ["AssertionError"],
  interceptClient: (next) => next,
};
