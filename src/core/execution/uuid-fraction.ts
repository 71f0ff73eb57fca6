/** A number from zero to below one out of a random UUID. */
export function uuidFraction(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 2 ** 32;
}
