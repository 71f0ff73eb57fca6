import type { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import { TextDecoder, TextEncoder } from "node:util";
import type { RealmHost, UrlParts } from "./inside/realm-host.ts";

const requireFromHere = createRequire(import.meta.url);
const encoder = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a realm gets of Node. */
export function createRealmHost(context: AsyncLocalStorage<unknown>): RealmHost {
  return {
    encodeUtf8: (text) => encoder.encode(text),
    decodeText(bytes, encoding, isFatal, ignoresBom) {
      if (encoding === "utf-8" && isFatal && ignoresBom) return strictUtf8.decode(bytes);
      return new TextDecoder(encoding, { fatal: isFatal, ignoreBOM: ignoresBom }).decode(bytes);
    },
    encodingName,
    parseUrl,
    changeUrl(url, part, value) {
      const changed = new URL(url);
      Reflect.set(changed, part, value);
      return urlParts(changed);
    },
    context,
    hostGlobal: (name) => Reflect.get(globalThis, name) as unknown,
    hostModule: (name) => requireFromHere(name) as unknown,
  };
}

function encodingName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function parseUrl(url: string, base: string | undefined): UrlParts | undefined {
  try {
    return urlParts(new URL(url, base));
  } catch {
    return undefined;
  }
}

function urlParts(url: URL): UrlParts {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
}
