export async function work(entry: number): Promise<number> {
  return entry;
}
