import * as workflow from "perdure/workflow";
import type * as activities from "./activities.ts";

const { bookHotel, bookFlight, bookCar, cancelBooking } = workflow.activities<typeof activities>({
  startToCloseTimeout: "1m",
});

/** Books all or nothing: what has been done is undone, the last first, when a later step fails. */
@workflow.defn()
export class BookTrip {
  readonly #bookings: string[] = [];

  @workflow.run
  async run(trip: string): Promise<readonly string[]> {
    try {
      for (const book of [bookHotel, bookFlight, bookCar]) this.#bookings.push(await book(trip));
      return this.#bookings;
    } catch (error) {
      // A cancellation of the workflow must not stop the undoing.
      await workflow.CancellationScope.nonCancellable(() => this.#undo());
      throw error;
    }
  }

  async #undo(): Promise<void> {
    for (const booking of this.#bookings.toReversed()) await cancelBooking(booking);
  }
}
