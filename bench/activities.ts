export async function noop(value: string): Promise<string> {
  return value;
}
