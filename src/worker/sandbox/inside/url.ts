import type { RealmHost, UrlParts } from "./realm-host.ts";
import { createSearchParams, type SearchParams } from "./url-search-params.ts";
import { toText } from "./web-text.ts";

/** `URL` and `URLSearchParams` of workflow code; the host parses, but every object belongs to the realm. */
export function createUrlClasses(host: RealmHost): { readonly URL: unknown; readonly URLSearchParams: unknown } {
  const URLSearchParams = createSearchParams();
  // The accessors below reach into private fields, which only code within the class can.
  let partOf: (url: object, name: keyof UrlParts) => string;
  let setPart: (url: object, name: keyof UrlParts, value: string) => void;

  class URL {
    #parts: UrlParts;
    #searchParams: SearchParams | undefined;

    constructor(url: unknown, base?: unknown) {
      this.#parts = parse(url, base);
    }

    static {
      partOf = (url, name) => (url as URL).#parts[name];
      setPart = (target, name, value) => {
        const url = target as URL;
        if (name === "href") url.#parts = parse(value, undefined);
        else url.#change(name, value);
        url.#searchParams?.replaceAll(url.#parts.search);
      };
    }

    static canParse(url: unknown, base?: unknown): boolean {
      return tryParse(url, base) !== undefined;
    }

    static parse(url: unknown, base?: unknown): URL | null {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    get searchParams(): SearchParams {
      this.#searchParams ??= new URLSearchParams(this.#parts.search, (search) => this.#change("search", search));
      return this.#searchParams;
    }

    toString(): string {
      return this.#parts.href;
    }

    toJSON(): string {
      return this.#parts.href;
    }

    #change(name: string, value: string): void {
      this.#parts = host.changeUrl(this.#parts.href, name, value);
    }
  }

  function parse(url: unknown, base: unknown): UrlParts {
    const parts = tryParse(url, base);
    if (parts !== undefined) return parts;
    throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: toText(url) });
  }

  function tryParse(url: unknown, base: unknown): UrlParts | undefined {
    return host.parseUrl(toText(url), base === undefined ? undefined : toText(base));
  }

  for (const name of URL_PARTS) {
    Object.defineProperty(URL.prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: URL): string {
        return partOf(this, name);
      },
      set(this: URL, value: unknown) {
        if (name !== "origin") setPart(this, name, toText(value));
      },
    });
  }
  return { URL, URLSearchParams };
}

const URL_PARTS: readonly (keyof UrlParts)[] = [
  "href",
  "origin",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
];
