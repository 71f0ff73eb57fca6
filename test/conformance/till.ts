import * as activity from "perdure/activity";

/** Methods as activities, one of them by a name of its own. */
export class Till {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  @activity.defn({ name: "custom-name" })
  async open(what: { readonly text: string }): Promise<{ readonly text: string }> {
    return { text: this.#name + what.text };
  }

  @activity.defn
  async add(what: { readonly text: string }, more: string): Promise<{ readonly text: string }> {
    return { text: what.text + more };
  }
}
