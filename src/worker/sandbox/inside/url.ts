import type { RealmHost, UrlParts } from "./realm-host.ts";
import { createSearchParams, type SearchParams } from "./url-search-params.ts";

/** `URL` and `URLSearchParams` of workflow code; the host parses, but every object belongs to the realm. */
export function createUrlClasses(host: RealmHost): { readonly URL: unknown; readonly URLSearchParams: unknown } {
  const URLSearchParams = createSearchParams();

  class URL {
    #parts: UrlParts;
    #searchParams: SearchParams | undefined;

    constructor(url: unknown, base?: unknown) {
      this.#parts = parse(url, base);
    }

    static canParse(url: unknown, base?: unknown): boolean {
      return host.parseUrl(String(url), base === undefined ? undefined : String(base)) !== undefined;
    }

    static parse(url: unknown, base?: unknown): URL | null {
      return URL.canParse(url, base) ? new URL(url, base) : null;
    }

    get searchParams(): SearchParams {
      this.#searchParams ??= new URLSearchParams(this.#parts.search, (search) => this.#change("search", search));
      return this.#searchParams;
    }

    static part(url: URL, name: keyof UrlParts): string {
      return url.#parts[name];
    }

    static setPart(url: URL, name: keyof UrlParts, value: string): void {
      if (name === "href") url.#parts = parse(value, undefined);
      else url.#change(name, value);
      url.#searchParams?.replaceAll(url.#parts.search);
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
    const parts = host.parseUrl(String(url), base === undefined ? undefined : String(base));
    if (parts !== undefined) return parts;
    throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: String(url) });
  }

  const { part, setPart } = URL;
  // These two reach a private field for the accessors below and are nobody else's business.
  Reflect.deleteProperty(URL, "part");
  Reflect.deleteProperty(URL, "setPart");
  for (const name of URL_PARTS) {
    Object.defineProperty(URL.prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: URL): string {
        return part(this, name);
      },
      set(this: URL, value: unknown) {
        if (name !== "origin") setPart(this, name, String(value));
      },
    });
  }
  return { URL, URLSearchParams };
}

const URL_PARTS: readonly (keyof UrlParts)[] = [
  "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash",
];
