import type { RPCError } from "../../rpc/rpc-error.ts";
import { invalidArgument } from "../failures.ts";

/** Something in a list filter that the service refuses, in the service's words. */
export function invalidFilter(message: string): RPCError {
  return invalidArgument(`invalid query: ${message}`);
}

/** A filter that has a meaning which is not offered. */
export function unsupportedFilter(what: string): RPCError {
  return invalidFilter(`operation is not supported: ${what}`);
}

/** A filter that is well formed but means nothing. */
export function meaninglessFilter(why: string): RPCError {
  return invalidFilter(`invalid expression: ${why}`);
}

/** A filter that breaks off or goes wrong at a byte of the statement that the service makes of it. */
export function syntaxError(what: string, position: number, near: string): RPCError {
  const place = near === "" ? "" : ` near '${near}'`;
  return invalidFilter(`malformed SQL query: ${what} at position ${position}${place}`);
}
