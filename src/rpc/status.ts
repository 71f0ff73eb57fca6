/** The status codes of gRPC, by their names. */
export const RPCStatusCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** One of the codes in {@link RPCStatusCode}. */
export type RPCStatusCode = (typeof RPCStatusCode)[keyof typeof RPCStatusCode];

const names = new Map<number, string>(Object.entries(RPCStatusCode).map(([name, code]) => [code, name]));

/** Name of a status code, such as `NOT_FOUND`; a number that is no code comes back as digits. */
export function statusName(code: number): string {
  return names.get(code) ?? String(code);
}

/** Reads a status code from outside: what is not a code of gRPC is `UNKNOWN`, as gRPC rules. */
export function toStatusCode(value: number): RPCStatusCode {
  return names.has(value) ? (value as RPCStatusCode) : RPCStatusCode.UNKNOWN;
}

/** Status of an answer whose HTTP status is not 200, which a proxy or a server that is no gRPC server gave. */
export function statusOfHttp(httpStatus: number): RPCStatusCode {
  switch (httpStatus) {
    case 400:
      return RPCStatusCode.INTERNAL;
    case 401:
      return RPCStatusCode.UNAUTHENTICATED;
    case 403:
      return RPCStatusCode.PERMISSION_DENIED;
    case 404:
      return RPCStatusCode.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return RPCStatusCode.UNAVAILABLE;
    default:
      return RPCStatusCode.UNKNOWN;
  }
}

/** Status of a call whose HTTP/2 stream was reset before a status came. */
export function statusOfReset(http2Code: number): RPCStatusCode {
  switch (http2Code) {
    case 7: // REFUSED_STREAM
      return RPCStatusCode.UNAVAILABLE;
    case 8: // CANCEL
      return RPCStatusCode.CANCELLED;
    case 11: // ENHANCE_YOUR_CALM
      return RPCStatusCode.RESOURCE_EXHAUSTED;
    case 12: // INADEQUATE_SECURITY
      return RPCStatusCode.PERMISSION_DENIED;
    default:
      return RPCStatusCode.INTERNAL;
  }
}
