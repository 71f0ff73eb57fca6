import { PermissionDeniedFailure } from "../../proto/gen/errordetails.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { withDetail } from "../failures.ts";

const setsDisabled = "Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.";
const rulesDisabled = "Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.";

/** The answer where versioning by sets of compatible builds is not switched on. */
export function setsNotAllowed(): Error {
  return notAllowed(setsDisabled);
}

/** The answer where versioning by rules is not switched on. */
export function rulesNotAllowed(): Error {
  return notAllowed(rulesDisabled);
}

function notAllowed(message: string): Error {
  return withDetail(RPCStatusCode.PERMISSION_DENIED, message, PermissionDeniedFailure, {});
}
