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
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  const {
    status,
    headers: answered,
    body,
  } = await handler.handle({
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    body: () => readBody(request, handler.bodyBytesMax),
  });
  // What was not read of the body stays unread, so the connection is of no more use.
  const rest = request.complete ? {} : { connection: "close" };
  response.writeHead(status, { ...answered, ...rest }).end(body);
}

/** The body, or as much of it as is more than it may be: the handler refuses it then. */
async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Destroying the request would destroy the connection, and the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax) break;
  }
  return Buffer.concat(chunks);
}
