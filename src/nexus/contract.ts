// A contract is data: services and operations may be named in workflow code too.
export { operation, service } from "nexus-rpc";
export type { OperationDefinition, OperationMap, OperationOptions, ServiceDefinition } from "nexus-rpc";
