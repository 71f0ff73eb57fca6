/** One request to an endpoint. */
export interface Invocation<Message> {
  /** The endpoint is looked for by its id, then by its name. */
  readonly endpointId: string;
  readonly endpoint: string;
  /** Of the operation's headers, in lower case. */
  readonly header: Readonly<Record<string, string>>;
  /** For how long the request may take. */
  readonly timeoutMs: number;
  /** Whether the one who asks understands errors with causes. @default true */
  readonly takesCauses?: boolean;
  readonly message: Message;
}
