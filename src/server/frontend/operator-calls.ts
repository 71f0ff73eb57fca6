import { IndexedValueType$names, NamespaceState } from "../../proto/gen/enums.ts";
import {
  OperatorService,
  type DeleteNamespaceRequest,
  type DeleteNamespaceResponse,
} from "../../proto/gen/operatorservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import { systemSearchAttributes, type Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { divisionOf, type Division } from "../standalone/division.ts";
import type { LiveExecution } from "../standalone/live-executions.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireNamespace } from "./requests.ts";

// The service gives every namespace room for so many of each type, and a bound keeps rows small here too.
const ATTRIBUTES_MAX = 100;
const RESERVED_PREFIX = "Temporal";
const DELETED_RUNS_PER_COMMIT = 500;

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
    serve(methods.DeleteNamespace, (request) => deleteNamespace(services, request)),
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

/** Takes a namespace's name away at once and deletes its runs after that. */
async function deleteNamespace(
  services: Services,
  { namespace: name, namespaceId }: DeleteNamespaceRequest,
): Promise<Init<DeleteNamespaceResponse>> {
  const { logger, namespaces } = services;
  const namespace = namespaceId === "" ? requireNamespace(services, name) : namespaces.getById(namespaceId);
  const deletedNamespace = `${namespace.name}-deleted-${namespace.id.slice(0, 5)}`;
  const deleted = { ...namespace, name: deletedNamespace, state: NamespaceState.DELETED };
  await namespaces.update(deleted);
  deleteRuns(services, deleted).catch((error: unknown) => {
    logger.error("cannot delete the runs of a deleted namespace", { reason: String(error) });
  });
  return { deletedNamespace };
}

async function deleteRuns(services: Services, namespace: Namespace): Promise<void> {
  const { deployments, engine, namespaces, store, activities, nexusExecutions } = services;
  await deleteDivision(services, namespace, "activity", activities);
  await deleteDivision(services, namespace, "nexusOperation", nexusExecutions);
  for (;;) {
    const { rows } = store.listRuns({ namespaceId: namespace.id, pageSize: DELETED_RUNS_PER_COMMIT });
    if (rows.length === 0) break;
    const { committed } = engine.transact((transaction) => {
      for (const { workflowId, runId } of rows) {
        const run = transaction.find(namespace.id, workflowId, runId);
        if (run !== undefined) transaction.delete(run);
      }
    });
    await committed;
  }
  await deployments.removeNamespace(namespace.id);
  await namespaces.remove(namespace);
}

/** Deletes all standalone executions of one sort. */
async function deleteDivision<State>(
  { store, engine }: Services,
  { id: namespaceId }: Namespace,
  division: Division,
  executions: {
    find(namespaceId: string, id: string, runId: string): LiveExecution<State> | undefined;
    delete(execution: LiveExecution<State>): unknown;
  },
): Promise<void> {
  for (;;) {
    const page = { namespaceId: divisionOf(namespaceId, division), pageSize: DELETED_RUNS_PER_COMMIT };
    const { rows } = store.listRuns(page);
    if (rows.length === 0) return;
    for (const { workflowId: id, runId } of rows) {
      const execution = executions.find(namespaceId, id, runId);
      if (execution !== undefined) executions.delete(execution);
    }
    await engine.durable;
  }
}
