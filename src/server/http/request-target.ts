/** Where a request goes. */
export interface RequestTarget {
  readonly url: URL;
  /** The path's segments, decoded one by one: a slash within one was escaped, and ends none. */
  readonly path: readonly string[];
}

const NO_HOST = "http://localhost";

/**
 * Reads the target of a request line; `undefined` if it is malformed. The path is taken as it was sent, since a URL would
 * resolve `..` in it, and a workflow's id may be just that.
 */
export function parseTarget(target: string): RequestTarget | undefined {
  const [rawPath = "", ...rest] = target.split("?");
  if (!rawPath.startsWith("/")) return undefined;
  const query = rest.join("?");
  // Once a separator; read as part of a value it would let requests mean different things to different readers.
  if (query.includes(";")) return undefined;
  try {
    const path = rawPath.slice(1).split("/").map(decodeURIComponent);
    // Refuses what is escaped badly, which URLSearchParams would let pass.
    decodeURIComponent(query.replaceAll("+", " "));
    return { url: new URL(`/?${query}`, NO_HOST), path };
  } catch {
    return undefined;
  }
}
