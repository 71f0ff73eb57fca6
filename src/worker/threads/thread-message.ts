/** An error as plain data; where its class was, its code and name tell. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** What one side asks of the other; without an id, no answer is awaited. */
export interface CallMessage {
  readonly kind: "call";
  readonly id: number | undefined;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Tells the thread how the main thread numbers the run that the call is about. */
  readonly run?: { readonly id: string; readonly number: number } | undefined;
}

/** How a call ended. */
export type AnswerMessage =
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "fail"; readonly id: number; readonly error: PlainError };

/** What a thread is started with. */
export interface ThreadData {
  readonly heartbeat: SharedArrayBuffer;
}

/** What the main thread says to a thread. */
export type MainMessage =
  | CallMessage
  | AnswerMessage
  | { readonly kind: "release"; readonly runId: string }
  /** Comes before all others: what the service is made from. */
  | { readonly kind: "init"; readonly init: unknown };

/** What a thread says to the main thread. */
export type ThreadMessage = CallMessage | AnswerMessage | { readonly kind: "ready" };

/** The error as plain data. */
export function toPlainError(error: unknown): PlainError {
  if (typeof error !== "object" || error === null) {
    return { name: "Error", message: String(error), stack: undefined, code: undefined };
  }
  const { name, message, stack, code } = error as Partial<Record<keyof PlainError, unknown>>;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "an error without a message",
    stack: typeof stack === "string" ? stack : undefined,
    code: typeof code === "string" ? code : undefined,
  };
}

/** The error that {@link toPlainError} took apart; `instanceof` of this package's errors holds, for it goes by the code. */
export function fromPlainError({ name, message, stack, code }: PlainError): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== undefined) Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return code === undefined ? error : Object.assign(error, { code });
}
