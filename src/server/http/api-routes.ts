import { bindingsOf, listHttpMethods, type HttpBinding } from "../../rpc/http-binding.ts";

/** A binding that a request fits, with the values in its path. */
export interface RouteMatch {
  readonly binding: HttpBinding;
  /** Values of the binding's fields, in the order of its segments. */
  readonly values: readonly string[];
}

/** Where requests of the HTTP API go. Of several bindings that fit the last of the API's files counts, as in the service. */
export class ApiRoutes {
  /** By verb and number of segments. */
  readonly #bindings = new Map<string, HttpBinding[]>();
  readonly #verbs = new Set<string>();

  constructor() {
    for (const method of listHttpMethods().values()) {
      for (const binding of bindingsOf(method)) {
        const { verb } = binding.rule;
        this.#verbs.add(verb);
        const place = `${verb} ${binding.segments.length}`;
        this.#bindings.set(place, [binding, ...(this.#bindings.get(place) ?? [])]);
      }
    }
  }

  /** @param path Segments, decoded one by one. */
  find(verb: string, path: readonly string[]): RouteMatch | undefined {
    for (const binding of this.#bindings.get(`${verb} ${path.length}`) ?? []) {
      const values = match(binding, path);
      if (values !== undefined) return { binding, values };
    }
    return undefined;
  }

  /** The verbs that a path can be called with. */
  verbsOf(path: readonly string[]): readonly string[] {
    return [...this.#verbs].filter((verb) => this.find(verb, path) !== undefined);
  }
}

function match({ segments }: HttpBinding, path: readonly string[]): readonly string[] | undefined {
  const values: string[] = [];
  for (const [at, segment] of segments.entries()) {
    const text = path[at] ?? "";
    if (segment.kind === "field") values.push(text);
    else if (segment.text !== text) return undefined;
  }
  return values;
}
