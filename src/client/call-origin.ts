import type { Callback, Link } from "../proto/gen/common.ts";
import type { Init } from "../proto/message.ts";

/** What calls carry that are made for somebody else, such as the caller of a Nexus operation. */
export interface CallOrigin {
  /** Of the request that the calls are made for. */
  readonly requestId: string;
  /** Where the request comes from; what the calls start or signal is linked to it. */
  readonly links: readonly Link[];
  /** Takes a link to what a call started or signalled. */
  readonly addLink: (link: Link) => void;
  /** Set while the one thing is started that answers the request: what to call when it ends. */
  readonly callbacks?: readonly Init<Callback>[] | undefined;
}

let current: () => CallOrigin | undefined = () => undefined;

/** Says where origins are found. Only where handlers of Nexus run are there any. */
export function findOriginsBy(find: () => CallOrigin | undefined): void {
  current = find;
}

/** What calls made from here carry. */
export function callOrigin(): CallOrigin | undefined {
  return current();
}
