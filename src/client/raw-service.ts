import type { Init, Method } from "../proto/message.ts";
import type { RawCallOptions } from "./call-options.ts";

/** A service as the generated code describes it. */
export interface ServiceDescriptor {
  readonly typeName: string;
  // The variance of message types fits no common type of request; each method is typed by itself in RawService.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly methods: Readonly<Record<string, Method<any, any>>>;
}

/** A service's methods as functions, by their names in camelCase. Each takes a request of which any part may be left out. */
export type RawService<S extends ServiceDescriptor> = {
  readonly [K in keyof S["methods"] & string as Uncapitalize<K>]: S["methods"][K] extends Method<
    infer Request,
    infer Response
  >
    ? (request?: Init<Request>, options?: RawCallOptions) => Promise<Response>
    : never;
};

/** Makes the calls of a raw service. */
export interface RawCaller {
  call<Request extends object, Response extends object>(
    method: Method<Request, Response>,
    request: Init<Request>,
    options: RawCallOptions,
  ): Promise<Response>;
}

/** A service's methods as functions that call through `caller`. */
export function createRawService<S extends ServiceDescriptor>(caller: RawCaller, descriptor: S): RawService<S> {
  const functions = Object.entries(descriptor.methods).map(([name, method]) => {
    const call = (request: Init<object> = {}, options: RawCallOptions = {}): Promise<object> =>
      caller.call(method as Method<object, object>, request, options);
    return [name.charAt(0).toLowerCase() + name.slice(1), call] as const;
  });
  return Object.freeze(Object.fromEntries(functions)) as RawService<S>;
}
