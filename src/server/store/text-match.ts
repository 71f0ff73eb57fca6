/** Whether some term of `sought`, terms being parted by spaces, occurs in `text` as words in a row, whatever case and accents. */
export function matchesText(text: string, sought: string): boolean {
  const words = ` ${wordsOf(text).join(" ")} `;
  return sought.split(" ").some((term) => {
    const row = wordsOf(term);
    return row.length > 0 && words.includes(` ${row.join(" ")} `);
  });
}

function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}
