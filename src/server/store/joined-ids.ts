/** One map key for two ids. They may hold any character, so the length of the first tells where the second begins. */
export function joinIds(first: string, second: string): string {
  return `${first.length}:${first}${second}`;
}
