import type { Payload } from "../../proto/gen/common.ts";
import type { ExecutionState } from "./state.ts";
import { utf8Bytes, utf8Text } from "../text/utf8.ts";

/** Search attributes that the server sets by itself. */
export type SystemAttribute =
  | "BuildIds"
  | "TemporalPauseInfo"
  | "TemporalReportedProblems"
  | "TemporalUsedWorkerDeploymentVersions";

/** System search attributes of one word. */
export type SystemKeyword =
  | "TemporalWorkerDeployment"
  | "TemporalWorkerDeploymentVersion"
  | "TemporalWorkflowVersioningBehavior";

/** Sets a system search attribute of type keyword list; without any values it vanishes. */
export function setSystemAttribute(state: ExecutionState, name: SystemAttribute, values: readonly string[]): void {
  if (values.length > 0) state.searchAttributes = { ...state.searchAttributes, [name]: keywordList(values) };
  else if (state.searchAttributes[name] !== undefined) {
    const { [name]: _, ...others } = state.searchAttributes;
    state.searchAttributes = others;
  }
}

/** Sets a system search attribute of type keyword; with an empty value it vanishes. */
export function setSystemKeyword(state: ExecutionState, name: SystemKeyword, value: string): void {
  const known = state.searchAttributes[name];
  if (value !== "") {
    if (known !== undefined && utf8Text(known.data) === JSON.stringify(value)) return;
    state.searchAttributes = { ...state.searchAttributes, [name]: keyword(value) };
  } else if (known !== undefined) {
    const { [name]: _, ...others } = state.searchAttributes;
    state.searchAttributes = others;
  }
}

function keyword(value: string): Payload {
  return {
    metadata: { encoding: utf8Bytes("json/plain"), type: utf8Bytes("Keyword") },
    data: utf8Bytes(JSON.stringify(value)),
    externalPayloads: [],
  };
}

function keywordList(values: readonly string[]): Payload {
  return {
    metadata: { encoding: utf8Bytes("json/plain"), type: utf8Bytes("KeywordList") },
    data: utf8Bytes(JSON.stringify(values)),
    externalPayloads: [],
  };
}
