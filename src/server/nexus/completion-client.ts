import type { CallbackAnswer } from "../../core/execution/callback/callback-state.ts";
import type { Completion } from "../../core/execution/callback/completion.ts";
import type { Callback_Nexus } from "../../proto/gen/common.ts";
import { failureJson, toNexusFailure } from "./failure-conversion.ts";
import { isRetryableHandlerError } from "./handler-error.ts";
import { linkHeader, toHttpContent } from "./http-content.ts";
import { readHandlerError } from "./http-answer.ts";
import { post } from "./http-client.ts";
import { toNexusLink } from "./links.ts";

/** Tells one outside how an operation has ended, in the words of the Nexus protocol over HTTP. */
export async function sendCompletion(
  { url, header }: Callback_Nexus,
  completion: Completion,
  timeoutMs: number,
): Promise<CallbackAnswer> {
  const { outcome, startMs, closeMs, link } = completion;
  const nexusLink = toNexusLink(link);
  const headers: Record<string, string> = {
    "nexus-operation-start-time": new Date(startMs).toUTCString(),
    "nexus-operation-close-time": new Date(closeMs).toISOString(),
    ...(nexusLink === undefined ? {} : { "nexus-link": linkHeader([nexusLink]) }),
  };
  let body: Uint8Array;
  if (outcome.kind === "succeeded") {
    const content = toHttpContent(outcome.result);
    headers["nexus-operation-state"] = "succeeded";
    if (content.contentType !== undefined) headers["content-type"] = content.contentType;
    for (const [key, value] of Object.entries(content.others)) headers[`content-${key}`] = value;
    body = content.body;
  } else {
    headers["nexus-operation-state"] = outcome.canceled ? "canceled" : "failed";
    headers["content-type"] = "application/json";
    body = Buffer.from(JSON.stringify(failureJson(toNexusFailure(outcome.failure))));
  }
  const answer = await post(url, { ...headers, ...header }, body, { timeoutMs, redirect: "manual" });
  if ("failure" in answer) return { kind: "retry", message: answer.failure.message };
  if (answer.status >= 200 && answer.status < 300) return { kind: "succeeded" };
  const failure = readHandlerError(answer);
  const info = failure.failureInfo;
  const type = info?.case === "nexusHandlerFailureInfo" ? info.value.type || "INTERNAL" : undefined;
  const more = failure.message === "" ? "" : `: ${failure.message}`;
  const message = type === undefined ? failure.message : `handler error (${type})${more}`;
  return { kind: isRetryableHandlerError(failure) ? "retry" : "failed", message };
}
