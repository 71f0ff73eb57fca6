import type { Message } from "../../../proto/gen/protocol.ts";
import type { MessageType } from "../../../proto/message.ts";

/** Full name of the type of a message's body; empty if it has none. */
export function bodyTypeName({ body }: Message): string {
  return body === undefined ? "" : body.typeUrl.slice(body.typeUrl.lastIndexOf("/") + 1);
}

/** Whether a message's body is of a type. */
export function isMessageOf<T extends object>(message: Message, type: MessageType<T>): boolean {
  return bodyTypeName(message) === type.typeName;
}
