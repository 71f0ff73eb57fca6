import type { Range } from "../../proto/gen/schedule.ts";
import type { Init } from "../../proto/message.ts";

/** A field of a calendar and what may stand in it. */
export interface CalendarField {
  /** As messages name it. */
  readonly name: string;
  /** What an empty text means. */
  readonly default: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on, in lower case. */
  readonly names?: readonly string[];
  /** How many letters of a name are enough. */
  readonly nameLettersMin?: number;
  /** No ranges at all mean that every value matches. */
  readonly emptyMeansAll?: true;
  /** Seven is another name of zero. */
  readonly sevenIsZero?: true;
}

/**
 * Reads the values of a calendar's field, such as `1-5/2,8`, as the service does.
 *
 * @throws {RangeError} With the service's message.
 */
export function parseRanges(text: string, field: CalendarField): Init<Range>[] {
  const whole = text.trim() || field.default;
  if (whole === "*" && field.emptyMeansAll === true) return [];
  return whole.split(",").flatMap((part) => parsePart(part, field));
}

function parsePart(text: string, field: CalendarField): Init<Range>[] {
  const [span = "", stepText, ...more] = text.split("/");
  if (more.length > 0) throw new RangeError(`${field.name} has too many slashes`);
  const step = stepText === undefined ? 1 : parseStep(stepText, field);
  const [start, parsedEnd] = parseSpan(span, field, stepText !== undefined);
  let end = parsedEnd;
  const ranges: Init<Range>[] = [];
  if (field.sevenIsZero === true && end === 7) {
    // Sunday may be the last day as well as the first one: 3-7 becomes 0 and 3-6.
    if ((7 - start) % step === 0 && (step > 1 || start > 1)) {
      ranges.push({ start: 0 });
      if (start === 7) return ranges;
    }
    end = 6;
  }
  ranges.push({ start, end: start === end ? 0 : end, step: step === 1 ? 0 : step });
  return ranges;
}

function parseStep(text: string, { name }: CalendarField): number {
  if (text === "") throw new RangeError(`${name} missing step value`);
  const step = parseInteger(text);
  if (step === undefined) throw new RangeError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (step < 1) throw new RangeError(`${name} has invalid Step`);
  return step;
}

function parseSpan(text: string, field: CalendarField, hasStep: boolean): readonly [start: number, end: number] {
  const { name, min, max } = field;
  if (text === "*") return [min, max];
  if (!text.includes("-")) {
    const value = parseValue(text, field, min);
    if (value === undefined) throw new RangeError(`${name} is not in range [${min}-${max}]`);
    // With a step, a single value goes on to the end.
    return [value, hasStep ? max : value];
  }
  const [low = "", high = "", ...more] = text.split("-");
  if (more.length > 0) throw new RangeError(`${name} has too many dashes`);
  const start = parseValue(low, field, min);
  if (start === undefined) throw new RangeError(`${name} Start is not in range [${min}-${max}]`);
  const end = parseValue(high, field, start);
  if (end === undefined) throw new RangeError(`${name} End is before Start or not in range [${min}-${max}]`);
  return [start, end];
}

function parseValue(text: string, field: CalendarField, min: number): number | undefined {
  const { names, nameLettersMin = 0 } = field;
  const named =
    names === undefined || text.length < nameLettersMin
      ? -1
      : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  const value = named >= 0 ? named + field.min : parseInteger(text);
  return value === undefined || value < min || value > field.max ? undefined : value;
}

function parseInteger(text: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}
