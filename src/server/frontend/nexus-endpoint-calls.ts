import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { Payload } from "../../proto/gen/common.ts";
import { EndpointSpec, type Endpoint, type EndpointTarget } from "../../proto/gen/nexus.ts";
import {
  OperatorService,
  type ListNexusEndpointsRequest,
  type ListNexusEndpointsResponse,
} from "../../proto/gen/operatorservice.ts";
import type { Init } from "../../proto/message.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { failedPrecondition, invalidArgument, notFound } from "../failures.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { isUuid, requireTaskQueue } from "./requests.ts";

const NAME_PATTERN = /^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/;
const NAME_PATTERN_AS_QUOTED = String.raw`"^[a-zA-Z][a-zA-Z0-9\\-]*[a-zA-Z0-9]$"`;

/** Nexus endpoints: create, change, delete, look up. */
export function nexusEndpointCalls(services: Services): readonly CallRow[] {
  const { methods } = OperatorService;
  const { nexusEndpoints } = services;
  const answer = (endpoint: Endpoint): { endpoint: Init<Endpoint> } => ({ endpoint: toPublic(services, endpoint) });
  return [
    serve(methods.CreateNexusEndpoint, async ({ spec }) =>
      answer(await nexusEndpoints.create(checkSpec(services, spec))),
    ),
    serve(methods.UpdateNexusEndpoint, async ({ id, version, spec }) =>
      answer(await nexusEndpoints.update(id, version, checkSpec(services, spec))),
    ),
    serve(methods.DeleteNexusEndpoint, async ({ id, version }) => {
      refuse([...idIssues(id), ...(version <= 0 ? ["endpoint version is non-positive"] : [])]);
      await nexusEndpoints.remove(id);
      return {};
    }),
    serve(methods.GetNexusEndpoint, ({ id }) => {
      refuse(idIssues(id));
      const endpoint = nexusEndpoints.findById(id);
      if (endpoint === undefined) throw notFound(`Nexus endpoint with ID \`${id}\` not found`);
      return answer(endpoint);
    }),
    serve(methods.ListNexusEndpoints, (request) => list(services, request)),
  ];
}

function list(
  services: Services,
  { name, pageSize, nextPageToken }: ListNexusEndpointsRequest,
): Init<ListNexusEndpointsResponse> {
  const { nexusEndpoints, settings } = services;
  const { endpointPageSizeDefault, endpointPageSizeMax } = settings.nexus;
  if (name !== "") {
    const endpoint = nexusEndpoints.findByName(name);
    return { endpoints: endpoint === undefined ? [] : [toPublic(services, endpoint)] };
  }
  if (pageSize < 0) throw invalidArgument("page_size is negative");
  if (pageSize > endpointPageSizeMax) throw invalidArgument(`page_size exceeds limit of ${endpointPageSizeMax}`);
  const from = utf8Text(nextPageToken);
  const rest = nexusEndpoints.list().filter(({ id }) => id >= from);
  const page = rest.slice(0, pageSize === 0 ? endpointPageSizeDefault : pageSize);
  const next = rest[page.length];
  return {
    endpoints: page.map((endpoint) => toPublic(services, endpoint)),
    ...(next === undefined ? {} : { nextPageToken: utf8Bytes(next.id) }),
  };
}

function refuse(issues: readonly string[]): void {
  if (issues.length > 0) throw invalidArgument(issues.join(", "));
}

function idIssues(id: string): string[] {
  if (id === "") return ["endpoint ID not set"];
  if (isUuid(id)) return [];
  const reason = id.length === 36 ? "invalid UUID format" : `invalid UUID length: ${id.length}`;
  return [`malformed endpoint ID: ${JSON.stringify(reason)}`];
}

/** The spec of a request, with the target's namespace named by its id. */
function checkSpec(services: Services, asked: EndpointSpec | undefined): EndpointSpec {
  const { endpointDescriptionMaxBytes } = services.settings.nexus;
  const spec = asked ?? EndpointSpec.create();
  const issues = nameIssues(services, spec.name);
  const target = checkTarget(services, spec.target, issues);
  const description = spec.description === undefined ? 0 : Payload.encode(spec.description).length;
  if (target !== undefined && description > endpointDescriptionMaxBytes) {
    issues.push(`description size exceeds limit of ${endpointDescriptionMaxBytes}`);
  }
  refuse(issues);
  return { ...spec, target };
}

function nameIssues({ settings }: Services, name: string): string[] {
  const { endpointNameMaxBytes } = settings.nexus;
  if (name === "") return ["endpoint name not set"];
  const issues: string[] = [];
  if (name.length > endpointNameMaxBytes) {
    issues.push(`endpoint name exceeds length limit of ${endpointNameMaxBytes}`);
  }
  if (!NAME_PATTERN.test(name)) issues.push(`endpoint name must match the regex: ${NAME_PATTERN_AS_QUOTED}`);
  return issues;
}

function checkTarget(
  services: Services,
  target: EndpointTarget | undefined,
  issues: string[],
): EndpointTarget | undefined {
  const variant = target?.variant;
  if (variant === undefined) {
    issues.push("empty target variant");
    return undefined;
  }
  if (variant.case === "external") {
    issues.push(...urlIssues(services, variant.value.url));
    return target;
  }
  const { namespace, taskQueue } = variant.value;
  const known = services.namespaces.find(namespace);
  if (namespace === "") issues.push("target namespace not set");
  else if (known === undefined) {
    throw failedPrecondition(
      `could not verify namespace referenced by target exists: Namespace ${namespace} is not found.`,
    );
  }
  try {
    requireTaskQueue(services, { name: taskQueue, kind: 0, normalName: "" });
  } catch (error) {
    if (!(error instanceof RPCError)) throw error;
    issues.push(`invalid target task queue: ${JSON.stringify(error.message)}`);
  }
  return { variant: { case: "worker", value: { namespace: known?.id ?? "", taskQueue } } };
}

function urlIssues({ settings }: Services, url: string): string[] {
  const { endpointUrlMaxBytes } = settings.nexus;
  if (url === "") return ["empty target URL"];
  if (url.length > endpointUrlMaxBytes) return [`target URL length exceeds limit of ${endpointUrlMaxBytes}`];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
  return scheme === "http" || scheme === "https"
    ? []
    : [`invalid target URL scheme: ${JSON.stringify(scheme)}, expected http or https`];
}

function toPublic({ namespaces }: Services, endpoint: Endpoint): Init<Endpoint> {
  const { spec, id } = endpoint;
  const variant = spec?.target?.variant;
  const urlPrefix = `/nexus/endpoints/${id}/services`;
  if (variant?.case !== "worker") return { ...endpoint, urlPrefix };
  const { namespace, taskQueue } = variant.value;
  const name = namespaces.findById(namespace)?.name ?? namespace;
  const target = { variant: { case: "worker" as const, value: { namespace: name, taskQueue } } };
  return { ...endpoint, urlPrefix, spec: { ...spec, target } };
}
