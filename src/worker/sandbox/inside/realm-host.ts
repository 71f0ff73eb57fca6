/** What the world outside gives a realm when it opens: plain functions over strings and bytes, so that no object of the host stays inside. */
export interface RealmHost {
  /** UTF-8 bytes of `text`, in an array of the host's. */
  readonly encodeUtf8: (text: string) => Uint8Array;
  readonly decodeText: (
    bytes: Uint8Array | ArrayBuffer,
    encoding: string,
    isFatal: boolean,
    ignoresBom: boolean,
  ) => string;
  /** Canonical name of an encoding; `undefined` if it is not known. */
  readonly encodingName: (label: string) => string | undefined;
  /** The parts of a URL by the names of `URL`'s properties, or `undefined` if it is not valid. */
  readonly parseUrl: (url: string, base: string | undefined) => UrlParts | undefined;
  /** The parts of `url` after one of them is set. */
  readonly changeUrl: (url: string, part: string, value: string) => UrlParts;
  /** Carries values along asynchronous code; one for all runs of the realm. */
  readonly context: { run<T>(value: unknown, code: () => T): T; getStore(): unknown };
  /** The host's own global of that name, for code that asked for the sandbox's restrictions to be lifted. */
  readonly hostGlobal: (name: string) => unknown;
  /** A module of the runtime, for workers that allow it. */
  readonly hostModule: (name: string) => unknown;
}

/** A URL taken apart; the names are those of `URL`. */
export interface UrlParts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}
