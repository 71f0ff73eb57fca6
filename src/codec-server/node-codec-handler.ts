import type { IncomingMessage, ServerResponse } from "node:http";
import { CodecHandler, type CodecHandlerOptions } from "./codec-handler.ts";

/** A codec server as a listener of Node's HTTP servers: `createServer(createCodecListener({ codec }))`. */
export function createCodecListener(
  options: CodecHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handler = new CodecHandler(options);
  return (request, response) => {
    answer(handler, request, response).catch(() => response.destroy());
  };
}

async function answer(handler: CodecHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, handler.bodyBytesMax);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  const answered = await handler.handle({ method: request.method ?? "", path: request.url ?? "", headers, body });
  response.writeHead(answered.status, answered.headers).end(answered.body);
}

/** The body, or one byte more of it than may be: the handler refuses it then. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (length <= bytesMax) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}
