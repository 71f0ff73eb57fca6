import { EventType } from "./gen/enums.ts";
import { History } from "./gen/history.ts";
import { fromJson, toJson } from "./json.ts";
import { JsonFormatError, type JsonValue } from "./json-value.ts";

/**
 * Reads a history from JSON as the UI, the CLI and the SDKs write it: proto3 JSON with full enum names, or the older
 * dialect whose enum values are in PascalCase (`"eventType": "WorkflowExecutionStarted"`). Fields that today's API no
 * longer has are left out.
 *
 * @throws {JsonFormatError} Naming the place, what was found and what was wanted.
 */
export function historyFromJson(text: string): History {
  let json: JsonValue;
  try {
    json = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new JsonFormatError(
      `Cannot read history: text is no JSON (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  const whole = Array.isArray(json) ? { events: json } : json;
  return fromJson(History, whole, { ignoreUnknownFields: true, enumValue: readOlderName });
}

/** Writes a history as proto3 JSON, which every tool of Temporal's reads. */
export function historyToJson(history: History): string {
  return JSON.stringify(toJson(History, history), undefined, 2);
}

/**
 * `EVENT_TYPE_TIMER_FIRED` is `TimerFired` in the older dialect, and some enums have changed their prefix since, so the
 * value's end decides. An event of a kind that this API does not know becomes one of no kind, which code may skip.
 */
function readOlderName(names: Readonly<Record<number, string>>, text: string): number | undefined {
  const words = text
    .replace(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .toUpperCase()
    .split("_");
  for (let from = 0; from < words.length; from++) {
    const end = `_${words.slice(from).join("_")}`;
    const candidates = Object.entries(names).filter(([, name]) => name.endsWith(end));
    const shortest = candidates.toSorted(([, one], [, other]) => one.length - other.length)[0];
    if (shortest !== undefined && (from === 0 || candidates.length === 1)) return Number(shortest[0]);
  }
  return names[EventType.UNSPECIFIED] === "EVENT_TYPE_UNSPECIFIED" ? EventType.UNSPECIFIED : undefined;
}
