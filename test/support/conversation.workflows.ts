import * as workflow from "perdure/workflow";

/** Notes what is said until it is told to end. */
@workflow.defn()
export class Conversation {
  readonly #said: string[] = [];
  #isOver = false;

  @workflow.run
  async run(first: string): Promise<readonly string[]> {
    this.#said.unshift(first);
    await workflow.waitCondition(() => this.#isOver);
    return this.#said;
  }

  @workflow.signal
  say(text: string): void {
    this.#said.push(text);
  }

  @workflow.signal
  end(): void {
    this.#isOver = true;
  }

  @workflow.update
  ask(text: string): string {
    this.#said.push(text);
    return `${text}: ${this.#said.length}`;
  }

  @workflow.update
  async askAtTheEnd(text: string): Promise<string> {
    await workflow.waitCondition(() => this.#said.includes(text));
    return `${text}!`;
  }

  @workflow.query
  said(): readonly string[] {
    return this.#said;
  }
}
