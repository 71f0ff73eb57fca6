import { HandlerError, type OperationHandler, type ServiceHandler } from "nexus-rpc";

/** Handlers of a service, as `serviceHandler` of `nexus-rpc` makes them. */
// The operations of a service are known where it is handled; here any will do.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type NexusServiceHandler = ServiceHandler<any>;

/** The services that a worker handles. */
export class NexusRegistry {
  readonly #services: ReadonlyMap<string, NexusServiceHandler>;

  constructor(handlers: readonly NexusServiceHandler[]) {
    this.#services = new Map(handlers.map((handler) => [handler.definition.name, handler]));
  }

  /** @throws {HandlerError} If there is no such service or operation. */
  find(service: string, operation: string): OperationHandler<unknown, unknown> {
    const handler = this.#services.get(service);
    if (handler === undefined) {
      throw new HandlerError("NOT_FOUND", `No handler for service "${service}"`);
    }
    return handler.getOperationHandler(operation as never) as OperationHandler<unknown, unknown>;
  }
}

/** What is wrong with the handlers given to a worker. */
export function nexusHandlerFaults(handlers: readonly unknown[]): readonly string[] {
  const faults: string[] = [];
  const names = new Set<string>();
  handlers.forEach((handler, index) => {
    const name = nameOf(handler);
    if (name === undefined)
      faults.push(`nexusServiceHandlers[${index}] is no service handler, make it with "serviceHandler" of nexus-rpc`);
    else if (names.has(name)) faults.push(`nexusServiceHandlers has service "${name}" twice, give each once`);
    else names.add(name);
  });
  return faults;
}

function nameOf(handler: unknown): string | undefined {
  if (typeof handler !== "object" || handler === null || !("definition" in handler)) return undefined;
  const { definition } = handler;
  if (typeof definition !== "object" || definition === null || !("name" in definition)) return undefined;
  return "getOperationHandler" in handler && typeof definition.name === "string" ? definition.name : undefined;
}
