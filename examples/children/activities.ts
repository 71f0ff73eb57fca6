export async function countWords(text: string): Promise<number> {
  return text.split(/\s+/).filter(Boolean).length;
}
