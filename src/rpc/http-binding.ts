import { OperatorService } from "../proto/gen/operatorservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { HttpRule, Method } from "../proto/message.ts";

/** A method of any request and response. */
export type AnyMethod = Method<object, object>;

/** A part of a path between slashes: as it is written, or the value of a field, by the field's path in the request. */
export type PathSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "field"; readonly fieldPath: readonly string[] };

/** One way to call a method over HTTP. */
export interface HttpBinding {
  readonly method: AnyMethod;
  readonly rule: HttpRule;
  readonly segments: readonly PathSegment[];
}

/** The methods of the services that the service's HTTP API has, by their gRPC paths; not all can be called over HTTP. */
export function listHttpMethods(): ReadonlyMap<string, AnyMethod> {
  const methods = [WorkflowService, OperatorService].flatMap((service): AnyMethod[] => Object.values(service.methods));
  return new Map(methods.map((method) => [method.path, method]));
}

/** All ways to call a method over HTTP, the main one first. */
export function bindingsOf(method: AnyMethod): readonly HttpBinding[] {
  return (method.http ?? []).map((rule) => ({ method, rule, segments: parseTemplate(rule.template) }));
}

/** The templates of the API have whole segments as fields, and no verbs after a colon; a test watches that. */
function parseTemplate(template: string): readonly PathSegment[] {
  return template
    .slice(1)
    .split("/")
    .map((text) => {
      const field = /^\{([\w.]+)\}$/.exec(text)?.[1];
      return field === undefined ? { kind: "literal", text } : { kind: "field", fieldPath: field.split(".") };
    });
}
