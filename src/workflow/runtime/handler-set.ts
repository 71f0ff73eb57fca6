import type { HandlerDefinition, HandlerDefinitions } from "../definition.ts";
import type { CallSchemas } from "../../payload/schema.ts";
import type { HandlerUnfinishedPolicy } from "../marks.ts";
import type { AnyFunction } from "../types.ts";

/** A function that takes a signal, query or update: a method of the class, or one that the workflow has set. */
export interface Handler {
  /** On the wire; undefined for the dynamic one. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly unfinishedPolicy: HandlerUnfinishedPolicy;
  /** A function, or the name of a method of the workflow's object. */
  readonly target: AnyFunction | string;
  readonly validator: AnyFunction | string | undefined;
  readonly schemas?: CallSchemas | undefined;
}

/** A handler that runs. */
export interface HandlerExecution {
  readonly kind: "signal" | "update";
  readonly name: string;
  /** Of an update. */
  readonly id: string | undefined;
  readonly unfinishedPolicy: HandlerUnfinishedPolicy;
}

/** The handlers of one kind: those of the class, as the workflow has changed them. */
export class HandlerSet {
  readonly #definitions: HandlerDefinitions;
  /** By name; null where one was taken away; the dynamic one under undefined. */
  #changes: Map<string | undefined, Handler | null> | undefined;

  constructor(definitions: HandlerDefinitions) {
    this.#definitions = definitions;
  }

  /** The handler of that name only. */
  get(name: string | undefined): Handler | undefined {
    const change = this.#changes?.get(name);
    if (change !== undefined) return change ?? undefined;
    const definition = name === undefined ? this.#definitions.dynamic : this.#definitions.named.get(name);
    return definition === undefined ? undefined : toHandler(definition);
  }

  /** The handler of that name, or else the dynamic one. */
  find(name: string): Handler | undefined {
    return this.get(name) ?? this.get(undefined);
  }

  set(name: string | undefined, handler: Handler | undefined): void {
    this.#changes ??= new Map();
    this.#changes.set(name, handler ?? null);
  }

  /** All of them, by name; the dynamic one first. */
  all(): Handler[] {
    const names = new Set<string | undefined>([
      undefined,
      ...this.#definitions.named.keys(),
      ...(this.#changes?.keys() ?? []),
    ]);
    const handlers = [...names].map((name) => this.get(name)).filter((handler) => handler !== undefined);
    return handlers.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
  }

  /** Names on the wire, sorted. */
  names(): string[] {
    return this.all().flatMap(({ name }) => name ?? []);
  }
}

function toHandler(definition: HandlerDefinition): Handler {
  const { name, description, unfinishedPolicy, methodName, validatorName, schemas } = definition;
  return { name, description, unfinishedPolicy, target: methodName, validator: validatorName, schemas };
}
