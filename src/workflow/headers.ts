import type { Payload } from "../proto/gen/common.ts";

/** Payloads that go beside arguments: context that interceptors carry. */
export type Headers = Readonly<Record<string, Payload>>;
