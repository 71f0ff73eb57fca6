const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Each base64 digit holds five bits of a number and whether another digit follows. */
const DIGIT_BITS = 5;
const CONTINUES = 1 << DIGIT_BITS;
const DIGIT_MASK = CONTINUES - 1;

/** The parts of a source map that matter for which text came of which file. */
export interface SourceMapJson {
  readonly version: number;
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** The map without what came of sources that do not satisfy a condition: to readers of the map, that came of nothing. */
export function keepSources(map: SourceMapJson, isKept: (source: string) => boolean): SourceMapJson {
  const kept = map.sources.flatMap((source, index) => (isKept(source) ? [index] : []));
  const newIndex = new Map(kept.map((index, place) => [index, place]));
  const pick = <T>(list: readonly T[]): T[] => list.filter((_, index) => newIndex.has(index));
  return {
    ...map,
    sources: pick(map.sources),
    ...(map.sourcesContent === undefined ? {} : { sourcesContent: pick(map.sourcesContent) }),
    mappings: rewrite(map.mappings, newIndex),
  };
}

/** Segments hold differences to the one before: column in its line, then source, line, column and name over all lines. */
function rewrite(mappings: string, newIndex: ReadonlyMap<number, number>): string {
  const read = [0, 0, 0, 0, 0];
  const written = [0, 0, 0, 0, 0];
  const lines = mappings.split(";").map((line) => {
    read[0] = 0;
    written[0] = 0;
    const segments = line === "" ? [] : line.split(",");
    return segments.map((segment) => rewriteSegment(segment, read, written, newIndex)).join(",");
  });
  return lines.join(";");
}

function rewriteSegment(
  segment: string,
  read: number[],
  written: number[],
  newIndex: ReadonlyMap<number, number>,
): string {
  const fields = decode(segment);
  for (const [place, difference] of fields.entries()) read[place] = (read[place] ?? 0) + difference;
  const source = fields.length > 1 ? newIndex.get(read[1] ?? 0) : undefined;
  const values =
    source === undefined ? [read[0] ?? 0] : fields.map((_, place) => (place === 1 ? source : (read[place] ?? 0)));
  return values
    .map((value, place) => {
      const difference = value - (written[place] ?? 0);
      written[place] = value;
      return encode(difference);
    })
    .join("");
}

function decode(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    value |= (digit & DIGIT_MASK) << shift;
    shift += DIGIT_BITS;
    if ((digit & CONTINUES) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encode(number: number): string {
  let text = "";
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  do {
    const digit = rest & DIGIT_MASK;
    rest >>>= DIGIT_BITS;
    text += DIGITS.charAt(rest > 0 ? digit | CONTINUES : digit);
  } while (rest > 0);
  return text;
}
