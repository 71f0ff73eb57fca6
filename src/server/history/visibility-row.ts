import { utf8Bytes } from "../../core/text/utf8.ts";
import { Memo, SearchAttributes, type Payload } from "../../proto/gen/common.ts";
import { IndexedValueType } from "../../proto/gen/enums.ts";
import { attributeType, type Namespace } from "../namespaces/namespace.ts";
import { decodeAttribute, typeNameOf, type AttributeValue } from "../namespaces/search-attribute.ts";
import type { VisibilityRow } from "../store/store.ts";
import type { Run } from "./run.ts";

/** What lists show of a run now. */
export function toVisibilityRow(run: Run, namespace: Namespace | undefined): VisibilityRow {
  const { state } = run;
  const { started } = state;
  const parent = started?.parentWorkflowExecution;
  const root = started?.rootWorkflowExecution;
  return {
    namespaceId: run.namespaceId,
    workflowId: run.workflowId,
    runId: run.runId,
    workflowType: started?.workflowType?.name ?? "",
    taskQueue: state.taskQueue,
    status: state.status,
    startTimeMs: state.startTimeMs,
    executionTimeMs: state.executionTimeMs,
    closeTimeMs: state.closeTimeMs ?? null,
    historyLength: state.nextEventId - 1,
    historySizeBytes: state.historySizeBytes,
    stateTransitionCount: state.stateTransitionCount,
    parentWorkflowId: parent?.workflowId ?? null,
    parentRunId: parent?.runId ?? null,
    rootWorkflowId: root?.workflowId ?? run.workflowId,
    rootRunId: root?.runId ?? run.runId,
    searchAttributes: decodeAttributes(state.searchAttributes, namespace),
    textAttributes: textsAmong(state.searchAttributes, namespace),
    memo: Memo.encode({ fields: state.memo }),
    encodedSearchAttributes: SearchAttributes.encode({
      indexedFields: typedAttributes(state.searchAttributes, namespace),
    }),
  };
}

/** Search attributes with the type in each payload's metadata, as clients expect to get them. */
export function typedAttributes(
  attributes: Readonly<Record<string, Payload>>,
  namespace: Namespace | undefined,
): Record<string, Payload> {
  const typed: Record<string, Payload> = {};
  for (const [name, payload] of Object.entries(attributes)) {
    const type = typeOf(name, namespace);
    typed[name] =
      type === undefined || Object.hasOwn(payload.metadata, "type")
        ? payload
        : { ...payload, metadata: { ...payload.metadata, type: utf8Bytes(typeNameOf(type)) } };
  }
  return typed;
}

/** Values of search attributes, as filters of lists compare them. */
export function decodeAttributes(
  attributes: Readonly<Record<string, Payload>>,
  namespace: Namespace | undefined,
): Record<string, AttributeValue> {
  const decoded: Record<string, AttributeValue> = {};
  for (const [name, payload] of Object.entries(attributes)) {
    const value = decodeAttribute(payload, typeOf(name, namespace) ?? IndexedValueType.UNSPECIFIED);
    if (value !== undefined) decoded[name] = value;
  }
  return decoded;
}

/** Names of those attributes that filters match by words. */
export function textsAmong(
  attributes: Readonly<Record<string, Payload>>,
  namespace: Namespace | undefined,
): readonly string[] {
  return Object.keys(attributes).filter((name) => typeOf(name, namespace) === IndexedValueType.TEXT);
}

function typeOf(name: string, namespace: Namespace | undefined): IndexedValueType | undefined {
  return namespace === undefined ? undefined : attributeType(namespace, name);
}
