import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { crc32c } from "./crc32c.ts";

/** What a server of the JSON API's few methods that the client uses holds, and what it was asked. */
export interface GcsServer {
  readonly endpoint: string;
  readonly objects: Map<string, Uint8Array>;
  /** Method and status of each request, in order. */
  readonly answered: string[];
  /** Takes requests away before they are served: each answers one. */
  readonly trouble: ((response: ServerResponse) => void)[];
}

/** The only token that is let in. */
export const TOKEN = "ya29.not-to-be-told";

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
}

/** Serves one bucket, `payloads`, strictly: what the API's documentation does not allow is refused. */
export async function startGcsServer(): Promise<GcsServer> {
  const objects = new Map<string, Uint8Array>();
  const answered: string[] = [];
  const trouble: GcsServer["trouble"] = [];
  const server = createServer((request, response) => {
    response.on("close", () => answered.push(`${request.method} ${response.statusCode}`));
    void bodyOf(request).then((body) => {
      const strike = trouble.shift();
      if (strike !== undefined) return strike(response);
      const answer = serve(objects, request, body);
      response.statusCode = answer.status;
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, objects, answered, trouble };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function serve(objects: Map<string, Uint8Array>, request: IncomingMessage, body: Buffer): Answer {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return refusal(401, "Invalid Credentials");
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
  const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(pathname);
  const download = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/.exec(pathname);
  const [, bucket] = upload ?? download ?? [];
  if (bucket === undefined) return { status: 404, body: "Not Found" };
  if (bucket !== "payloads") return refusal(404, "The specified bucket does not exist.");
  if (upload !== null && request.method === "POST" && searchParams.get("uploadType") === "multipart")
    return insert(objects, searchParams, request.headers["content-type"] ?? "", body);
  if (download === null || request.method !== "GET" || searchParams.get("alt") !== "media")
    return refusal(400, "Required parameter: alt");
  const name = decodeURIComponent(download[2] ?? "");
  const data = objects.get(name);
  return data === undefined ? { status: 404, body: `No such object: payloads/${name}` } : { status: 200, body: data };
}

function insert(objects: Map<string, Uint8Array>, query: URLSearchParams, type: string, body: Buffer): Answer {
  const parts = partsOf(type, body);
  if (parts === undefined) return refusal(400, "Malformed multipart body.");
  const { name, crc32c: sum } = JSON.parse(parts.metadata) as { readonly name: string; readonly crc32c?: string };
  if (query.get("ifGenerationMatch") === "0" && objects.has(name))
    return refusal(412, "At least one of the pre-conditions you specified did not hold.");
  if (sum !== undefined && sum !== crc32c(parts.data))
    return refusal(400, `Provided CRC32C "${sum}" doesn't match calculated CRC32C`);
  if (name === "" || Buffer.byteLength(name) > 1024 || /[\r\n]/.test(name)) return refusal(400, "Invalid object name");
  objects.set(name, parts.data);
  return { status: 200, body: JSON.stringify({ generation: "1" }) };
}

/** Metadata and media of a body of type multipart/related. */
function partsOf(type: string, body: Buffer): { readonly metadata: string; readonly data: Uint8Array } | undefined {
  const boundary = /^multipart\/related; boundary=([0-9A-Za-z-]+)$/.exec(type)?.[1];
  const found = new RegExp(
    `^--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n([^\r\n]*)\r\n` +
      `--${boundary}\r\ncontent-type: [a-z/-]+\r\n\r\n([^]*)\r\n--${boundary}--\r\n$`,
    "i",
  ).exec(body.toString("latin1"));
  if (boundary === undefined || found === null) return undefined;
  const [, metadata = "", data = ""] = found;
  return { metadata: Buffer.from(metadata, "latin1").toString(), data: Buffer.from(data, "latin1") };
}

function refusal(code: number, message: string): Answer {
  return { status: code, body: JSON.stringify({ error: { code, message, errors: [{ message, domain: "global" }] } }) };
}
