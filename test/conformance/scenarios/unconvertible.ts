import { DefaultFailureConverter } from "perdure/converter";

/** No failure is made of it. */
export class Unconvertible extends Error {
  override readonly name = "Unconvertible";
}

class Choosy extends DefaultFailureConverter {
  override toFailure(...[error, payloadConverter]: Parameters<DefaultFailureConverter["toFailure"]>) {
    if (error instanceof Error && error.name === "Unconvertible") throw new Error("no failure is made of this");
    return super.toFailure(error, payloadConverter);
  }
}

/** For clients, activities and, as a module of its own, workflows. */
export const failureConverter = new Choosy();
