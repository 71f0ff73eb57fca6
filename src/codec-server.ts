export type { Clock } from "./core/time/clock.ts";
export type { CodecCaller, CodecHandlerOptions, CodecRequest, CodecResponse } from "./codec-server/codec-handler.ts";
export { CodecHandler } from "./codec-server/codec-handler.ts";
export { createCodecListener } from "./codec-server/node-codec-handler.ts";
