import type { Payload } from "../../proto/gen/common.ts";
import type { ExecutionState } from "./state.ts";
import { utf8Bytes } from "../text/utf8.ts";

/** Search attributes that the server sets by itself. */
export type SystemAttribute = "BuildIds" | "TemporalPauseInfo" | "TemporalReportedProblems";

/** Sets a system search attribute of type keyword list; without any values it vanishes. */
export function setSystemAttribute(state: ExecutionState, name: SystemAttribute, values: readonly string[]): void {
  if (values.length > 0) state.searchAttributes = { ...state.searchAttributes, [name]: keywordList(values) };
  else if (state.searchAttributes[name] !== undefined) {
    const { [name]: _, ...others } = state.searchAttributes;
    state.searchAttributes = others;
  }
}

function keywordList(values: readonly string[]): Payload {
  return {
    metadata: { encoding: utf8Bytes("json/plain"), type: utf8Bytes("KeywordList") },
    data: utf8Bytes(JSON.stringify(values)),
    externalPayloads: [],
  };
}
