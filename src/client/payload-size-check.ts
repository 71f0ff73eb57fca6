import type { Logger } from "../core/telemetry/logger.ts";
import {
  describeOversized,
  findOversized,
  mayHoldMemo,
  PayloadLimitError,
  type PayloadSizes,
} from "../payload/payload-limits.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { MessageType } from "../proto/message.ts";

/** From which sizes on a connection warns of what it sends. */
export interface PayloadLimitsConfig {
  /** Of a field with payloads, in bytes; 0 is none. @default 524288 (512 KiB), as the service warns */
  readonly payloadsWarnSize?: number | undefined;
  /** Of a memo, in bytes; 0 is none. @default 2048 (2 KiB), as the service warns */
  readonly memoWarnSize?: number | undefined;
}

const none: PayloadSizes = { payloads: 0, memo: 0 };
let requestTypes: ReadonlyMap<string, MessageType<object>> | undefined;

/** Looks at what is sent: warns of what is large, refuses what the service would refuse. */
export class PayloadSizeCheck {
  readonly #warn: PayloadSizes;
  readonly #logger: Logger;

  constructor(config: PayloadLimitsConfig, logger: Logger) {
    const { payloadsWarnSize = 512 * 1024, memoWarnSize = 2 * 1024 } = config;
    this.#warn = { payloads: payloadsWarnSize, memo: memoWarnSize };
    this.#logger = logger;
  }

  /** @param error Sizes that are refused. @throws {PayloadLimitError} If a field is larger than that. */
  check(path: string, body: Uint8Array, error: PayloadSizes = none): void {
    const warn = this.#warn;
    // Small requests, which are most, are not read again.
    const payloadsLimit = smaller(warn.payloads, error.payloads);
    const memoLimit = smaller(warn.memo, error.memo);
    if (body.length <= Math.min(payloadsLimit, memoLimit)) return;
    requestTypes ??= new Map(
      Object.values(WorkflowService.methods).map((method) => [
        method.path,
        method.request as unknown as MessageType<object>,
      ]),
    );
    const type = requestTypes.get(path);
    if (type === undefined || (body.length <= payloadsLimit && !mayHoldMemo(type))) return;
    const fields = findOversized(type, type.decode(body), { warn, error });
    const refused = fields.find(({ severity }) => severity === "error");
    for (const field of fields) {
      if (refused !== undefined && field.severity === "warning") continue;
      const { sizeBytes: size, limitBytes: limit } = field;
      this.#logger[field.severity === "error" ? "error" : "warn"](describeOversized(field), {
        size,
        limit,
        field: field.path,
      });
    }
    if (refused !== undefined) throw new PayloadLimitError(refused);
  }
}

/** The smaller limit; 0 is none. */
function smaller(one: number, other: number): number {
  return Math.min(one > 0 ? one : Infinity, other > 0 ? other : Infinity);
}
