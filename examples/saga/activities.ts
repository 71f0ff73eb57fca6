import { ApplicationError } from "perdure/exceptions";

export async function bookHotel(trip: string): Promise<string> {
  return `hotel of ${trip}`;
}

export async function bookFlight(trip: string): Promise<string> {
  return `flight of ${trip}`;
}

/** Fails for good: another attempt would not find a car either. */
export async function bookCar(trip: string): Promise<string> {
  throw new ApplicationError(`No car is left for ${trip}`, { type: "SoldOut", nonRetryable: true });
}

export async function cancelBooking(booking: string): Promise<void> {
  console.log(`Cancelled: ${booking}`);
}
