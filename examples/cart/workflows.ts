import { ApplicationError } from "perdure/exceptions";
import * as workflow from "perdure/workflow";

/** A cart is an object. Its fields are the state, its methods are what the world may do with it. */
@workflow.defn()
export class Cart {
  readonly #items = new Map<string, number>();
  #isCheckedOut = false;

  @workflow.run
  async run(): Promise<Record<string, number>> {
    await workflow.waitCondition(() => this.#isCheckedOut && workflow.allHandlersFinished());
    return Object.fromEntries(this.#items);
  }

  /** A signal is sent and forgotten. */
  @workflow.signal
  remove(item: string): void {
    this.#items.delete(item);
  }

  @workflow.signal
  checkOut(): void {
    this.#isCheckedOut = true;
  }

  /** A query reads. It changes nothing and leaves no trace in history. */
  @workflow.query
  count(): number {
    return [...this.#items.values()].reduce((sum, quantity) => sum + quantity, 0);
  }

  /** An update changes the state and answers. */
  @workflow.update
  add(item: string, quantity: number): number {
    this.#items.set(item, (this.#items.get(item) ?? 0) + quantity);
    return this.count();
  }

  /** What a validator throws at refuses the update before history has it. */
  @workflow.validator<Cart, "add">("add")
  checkAdd(_item: string, quantity: number): void {
    if (quantity < 1) throw new ApplicationError(`Cannot add ${quantity}: at least 1 is needed`);
  }
}
