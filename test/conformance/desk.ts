/** Methods as activities, by the names of the methods. */
export class Desk {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async stamp(text: string): Promise<string> {
    return `${text}, stamped by ${this.#name}`;
  }
}
