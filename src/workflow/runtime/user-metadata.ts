import type { PayloadConverter } from "../../payload/payload-converter.ts";
import type { UserMetadata } from "../../proto/gen/sdk.ts";

/** What people are shown about a command; absent if there is nothing to show. */
export function toUserMetadata(
  converter: PayloadConverter,
  summary: string | undefined,
  details?: string,
): UserMetadata | undefined {
  if (summary === undefined && details === undefined) return undefined;
  return {
    summary: summary === undefined ? undefined : converter.toPayload(summary),
    details: details === undefined ? undefined : converter.toPayload(details),
  };
}
