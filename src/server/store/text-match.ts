/** Parts a text into the terms that are sought, each of them one word or words in a row. */
export function termsOf(sought: string): readonly (readonly string[])[] {
  return sought
    .split(" ")
    .map(wordsOf)
    .filter((row) => row.length > 0);
}

/** Whether some term of `sought`, terms being parted by spaces, occurs in `text` as words in a row, whatever case and accents. */
export function matchesText(text: string, sought: string): boolean {
  const words = ` ${wordsOf(text).join(" ")} `;
  return termsOf(sought).some((row) => words.includes(` ${row.join(" ")} `));
}

/** Words of a text in their order, without case and accents. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}
