import { TemporalError } from "../core/errors.ts";
import { Payload } from "../proto/gen/common.ts";
import { isClaimData, readReference, toReference } from "./storage-reference.ts";
import type { StorageDriver, StorageDriverClaim, StorageTarget } from "./storage-driver.ts";

const THRESHOLD_BYTES = 256 * 1024;

/** External storage cannot be set up or used as it is: drivers missing or named twice, or a driver that breaks its contract. */
export class ExternalStorageError extends TemporalError {
  static override readonly code: string = "TEMPORAL_EXTERNAL_STORAGE";
  override readonly name = "ExternalStorageError";
}

/** What an {@link ExternalStorage} is made with. */
export interface ExternalStorageOptions {
  /** At least one, with different names. */
  readonly drivers: readonly StorageDriver[];
  /**
   * Says which of the drivers keeps a payload that is large enough; undefined leaves it inline. Needed with several
   * drivers. @default the only driver
   */
  readonly driverSelector?:
    | ((context: { readonly target: StorageTarget | undefined }, payload: Payload) => StorageDriver | undefined)
    | undefined;
  /** Smaller payloads stay inline, in bytes of their encoded form. @default 262144 (256 KiB) */
  readonly payloadSizeThreshold?: number | undefined;
}

/** Keeps large payloads outside of the service, which then holds references to them. */
export class ExternalStorage {
  readonly drivers: readonly StorageDriver[];
  readonly payloadSizeThreshold: number;
  readonly #selector: ExternalStorageOptions["driverSelector"];
  readonly #byName: ReadonlyMap<string, StorageDriver>;

  /** @throws {ExternalStorageError} If there are no drivers, two of a name, or several without a selector. */
  constructor(options: ExternalStorageOptions) {
    const { drivers, driverSelector, payloadSizeThreshold = THRESHOLD_BYTES } = options;
    if (drivers.length === 0)
      throw new ExternalStorageError(`Cannot set up external storage: "drivers" is empty, give at least one`);
    if (!(payloadSizeThreshold >= 0))
      throw new ExternalStorageError(
        `Cannot set up external storage: "payloadSizeThreshold" is ${payloadSizeThreshold}, expected 0 or more bytes`,
      );
    if (drivers.length > 1 && driverSelector === undefined)
      throw new ExternalStorageError(
        `Cannot set up external storage: found ${drivers.length} drivers without "driverSelector", which says which one keeps a payload`,
      );
    const byName = new Map(drivers.map((driver) => [driver.name, driver]));
    if (byName.size < drivers.length)
      throw new ExternalStorageError(
        `Cannot set up external storage: found drivers [${drivers.map(({ name }) => name).join(", ")}], expected a different name for each`,
      );
    this.drivers = drivers;
    this.payloadSizeThreshold = payloadSizeThreshold;
    this.#selector = driverSelector;
    this.#byName = byName;
  }

  /**
   * The payloads with references in place of those that a driver keeps now. Drivers are called at the same time.
   *
   * @throws {ExternalStorageError} If a driver is not among `drivers`, or does not answer one claim for each payload.
   */
  async store(payloads: readonly Payload[], target: StorageTarget | undefined): Promise<Payload[]> {
    const context = { target };
    const groups = new Map<StorageDriver, Item[]>();
    payloads.forEach((payload, index) => {
      const bytes = Payload.encode(payload).length;
      const driver = bytes < this.payloadSizeThreshold ? undefined : this.#select(context, payload);
      if (driver !== undefined) add(groups, driver, { index, payload, bytes });
    });
    const result = [...payloads];
    await inParallel(groups, async (driver, items) => {
      const claims = await driver.store(
        context,
        items.map(({ payload }) => payload),
      );
      checkCount(driver, "claims", claims.length, items.length);
      items.forEach(({ index, bytes }, at) => {
        const claim: unknown = claims[at];
        if (!isClaim(claim))
          throw new ExternalStorageError(`Driver '${driver.name}' returned a claim without "claimData", texts by name`);
        result[index] = toReference(driver.name, claim, bytes);
      });
    });
    return result;
  }

  /**
   * The payloads with what drivers kept in place of references.
   *
   * @throws {ExternalStorageError} If a reference names a driver that is not here, or a driver does not answer one payload for each claim.
   */
  async retrieve(payloads: readonly Payload[]): Promise<Payload[]> {
    const groups = new Map<StorageDriver, { readonly index: number; readonly claim: StorageDriverClaim }[]>();
    payloads.forEach((payload, index) => {
      const reference = readReference(payload);
      if (reference === undefined) return;
      const driver = this.#byName.get(reference.driverName);
      if (driver === undefined)
        throw new ExternalStorageError(
          `Cannot retrieve a payload: No driver found with name '${reference.driverName}', there are [${[...this.#byName.keys()].join(", ")}]`,
        );
      add(groups, driver, { index, claim: reference.claim });
    });
    const result = [...payloads];
    await inParallel(groups, async (driver, items) => {
      const stored = await driver.retrieve(
        {},
        items.map(({ claim }) => claim),
      );
      checkCount(driver, "payloads", stored.length, items.length);
      items.forEach(({ index }, at) => {
        const payload: unknown = stored[at];
        if (!isPayload(payload))
          throw new ExternalStorageError(`Driver '${driver.name}' returned something that is no payload`);
        result[index] = payload;
      });
    });
    return result;
  }

  #select(context: { readonly target: StorageTarget | undefined }, payload: Payload): StorageDriver | undefined {
    if (this.#selector === undefined) return this.drivers[0];
    const driver = this.#selector(context, payload);
    if (driver !== undefined && this.#byName.get(driver.name) !== driver)
      throw new ExternalStorageError(
        `Cannot store a payload: Driver '${driver.name}' returned by driverSelector is not registered, expected one of "drivers"`,
      );
    return driver;
  }
}

interface Item {
  readonly index: number;
  readonly payload: Payload;
  readonly bytes: number;
}

function add<T>(groups: Map<StorageDriver, T[]>, driver: StorageDriver, item: T): void {
  const group = groups.get(driver);
  if (group === undefined) groups.set(driver, [item]);
  else group.push(item);
}

/** Waits for all, so that nothing goes on behind the back of whoever hears of the first error. */
async function inParallel<T>(
  groups: ReadonlyMap<StorageDriver, readonly T[]>,
  work: (driver: StorageDriver, items: readonly T[]) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(Array.from(groups, async ([driver, items]) => work(driver, items)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function checkCount(driver: StorageDriver, what: string, found: number, wanted: number): void {
  if (found !== wanted)
    throw new ExternalStorageError(`Driver '${driver.name}' returned ${found} ${what}, expected ${wanted}`);
}

function isClaim(value: unknown): value is StorageDriverClaim {
  return typeof value === "object" && value !== null && "claimData" in value && isClaimData(value.claimData);
}

function isPayload(value: unknown): value is Payload {
  if (typeof value !== "object" || value === null || !("metadata" in value) || !("data" in value)) return false;
  return value.data instanceof Uint8Array && typeof value.metadata === "object" && value.metadata !== null;
}
