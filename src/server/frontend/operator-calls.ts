import { IndexedValueType$names } from "../../proto/gen/enums.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import { invalidArgument } from "../failures.ts";
import { systemSearchAttributes } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";

// The service gives every namespace room for so many of each type, and a bound keeps rows small here too.
const ATTRIBUTES_MAX = 100;
const RESERVED_PREFIX = "Temporal";

/** What operators do: search attributes, clusters. */
export function operatorCalls(services: Services): readonly CallRow[] {
  const { methods } = OperatorService;
  const { namespaces } = services;
  return [
    serve(methods.AddSearchAttributes, async (request) => {
      const added = Object.entries(request.searchAttributes);
      if (added.length === 0) throw invalidArgument("SearchAttributes are not set on request.");
      for (const [name, type] of added) {
        if (name.startsWith(RESERVED_PREFIX) || Object.hasOwn(systemSearchAttributes, name)) {
          throw invalidArgument(`Search attribute ${name} is reserved by system.`);
        }
        if (IndexedValueType$names[type] === undefined || type === 0) {
          throw invalidArgument(`Unknown search attribute type: ${type}.`);
        }
      }
      const namespace = requireNamespace(services, request.namespace);
      // As in the service, a name that is taken keeps its type.
      const searchAttributes = { ...request.searchAttributes, ...namespace.searchAttributes };
      if (Object.keys(searchAttributes).length > ATTRIBUTES_MAX) {
        throw invalidArgument(
          `Unable to create search attributes: cannot have more than ${ATTRIBUTES_MAX} search attributes.`,
        );
      }
      await namespaces.update({ ...namespace, searchAttributes });
      return {};
    }),
    serve(methods.RemoveSearchAttributes, async (request) => {
      if (request.searchAttributes.length === 0) {
        throw invalidArgument("SearchAttributes are not set on request.");
      }
      const namespace = requireNamespace(services, request.namespace);
      const searchAttributes = { ...namespace.searchAttributes };
      for (const name of request.searchAttributes) {
        if (Object.hasOwn(systemSearchAttributes, name)) {
          throw invalidArgument(`Unable to remove non-custom search attributes: ${name}.`);
        }
        delete searchAttributes[name];
      }
      await namespaces.update({ ...namespace, searchAttributes });
      return {};
    }),
    serve(methods.ListSearchAttributes, (request) => ({
      customAttributes: requireNamespace(services, request.namespace).searchAttributes,
      systemAttributes: systemSearchAttributes,
    })),
    serve(methods.ListClusters, () => ({
      clusters: [
        {
          clusterName: "active",
          clusterId: services.clusterId,
          historyShardCount: 1,
          initialFailoverVersion: 1,
          isConnectionEnabled: true,
        },
      ],
    })),
  ];
}
