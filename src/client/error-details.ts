import type { MessageType } from "../proto/message.ts";
import type { RPCErrorDetail } from "../rpc/rpc-error.ts";

/** The first of an error's details, if it is a message of that type. */
export function firstDetail<T extends object>(details: readonly RPCErrorDetail[], type: MessageType<T>): T | undefined {
  const [detail] = details;
  return detail?.typeUrl.endsWith(`/${type.typeName}`) === true ? type.decode(detail.value) : undefined;
}
