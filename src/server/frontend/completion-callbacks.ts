import { Link, type Callback } from "../../proto/gen/common.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import { SYSTEM_CALLBACK_URL } from "../nexus/callback-token.ts";
import type { Services } from "../services.ts";

/**
 * Checks the callbacks of a request, and puts the names of their headers in lower case.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function checkCallbacks(services: Services, callbacks: readonly Callback[]): Callback[] {
  const { callbacksMax } = services.settings.limits;
  if (callbacks.length > callbacksMax) {
    throw invalidArgument(`cannot attach more than ${callbacksMax} callbacks to an execution`);
  }
  return callbacks.map((callback) => checkCallback(services, callback));
}

function checkCallback(services: Services, callback: Callback): Callback {
  const { callbackUrlMaxBytes, callbackHeaderMaxBytes } = services.settings.nexus;
  const { variant } = callback;
  if (variant?.case === "internal") return callback;
  if (variant === undefined) throw unimplemented("unknown callback variant: <nil>");
  const { url, header } = variant.value;
  if (Buffer.byteLength(url) > callbackUrlMaxBytes) {
    throw invalidArgument(`invalid url: url length longer than max length allowed of ${callbackUrlMaxBytes}`);
  }
  checkUrl(services, url);
  let size = 0;
  for (const [name, value] of Object.entries(header)) size += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (size > callbackHeaderMaxBytes) {
    throw invalidArgument(`invalid header: header size longer than max allowed size of ${callbackHeaderMaxBytes}`);
  }
  const lowerCase = Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]));
  return { ...callback, variant: { case: "nexus", value: { ...variant.value, header: lowerCase } } };
}

function checkUrl({ settings }: Services, url: string): void {
  if (url === SYSTEM_CALLBACK_URL) return;
  if (!URL.canParse(url)) throw invalidArgument(`invalid callback url: parse ${JSON.stringify(url)}: invalid URI`);
  const { protocol, host } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw invalidArgument(`invalid url: unknown scheme: ${url}`);
  if (host === "") throw invalidArgument("invalid url: missing host");
  const rule = settings.nexus.allowedCallbackAddresses.find(({ pattern }) => pattern.test(host));
  if (rule === undefined) {
    throw invalidArgument(`invalid url: url does not match any configured callback address: ${url}`);
  }
  if (protocol !== "https:" && !rule.allowsInsecure) {
    throw invalidArgument(`invalid url: callback address does not allow insecure connections: ${url}`);
  }
}

/** Links of a request that its callbacks do not say already. */
export function linksOutsideCallbacks(links: readonly Link[], callbacks: readonly Callback[]): Link[] {
  const known = callbacks
    .filter(({ variant }) => variant?.case === "nexus")
    .flatMap((callback) => callback.links.map(keyOf));
  return links.filter((link) => !known.includes(keyOf(link)));
}

function keyOf(link: Link): string {
  return Buffer.from(Link.encode(link)).toString("base64");
}
