import { utf8Bytes } from "../../core/text/utf8.ts";
import { IndexedValueType } from "../../proto/gen/enums.ts";
import type { CountWorkflowExecutionsResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { typeNameOf } from "../namespaces/search-attribute.ts";
import type { Store, VisibilityField } from "../store/store.ts";
import { workflowVocabulary } from "./filter-attribute.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

/** Counts as clients get them: the sum, and each group with its value if they were grouped. */
export function toCountResponse(
  counts: ReturnType<Store["countRuns"]>,
  groupBy: VisibilityField | undefined,
  { statuses }: FilterVocabulary = workflowVocabulary,
): Init<CountWorkflowExecutionsResponse> {
  const count = counts.reduce((sum, group) => sum + group.count, 0);
  if (groupBy === undefined) return { count };
  const isStatus = groupBy.attribute !== true && groupBy.name === "status";
  return {
    count,
    groups: counts.map(({ group, count: size }) => ({
      count: size,
      groupValues: [
        {
          metadata: {
            encoding: utf8Bytes("json/plain"),
            type: utf8Bytes(typeNameOf(IndexedValueType.KEYWORD)),
          },
          data: utf8Bytes(JSON.stringify(isStatus ? statuses.nameOf(Number(group)) : (group ?? ""))),
        },
      ],
    })),
  };
}
