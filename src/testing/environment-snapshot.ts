import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { TemporalError } from "../core/errors.ts";
import { decodePlain, encodePlain } from "../core/execution/plain-json.ts";
import type { MemoryContents } from "../server/index.ts";

/** A snapshot cannot be taken of an environment, or bytes that should be one cannot be restored. */
export class SnapshotError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SNAPSHOT";
  override readonly name = "SnapshotError";
}

/** An environment at one instant. */
export interface EnvironmentState {
  /** Of its clock, in milliseconds since the epoch. */
  readonly nowMs: number;
  readonly timeSkipping: boolean;
  /** Of its client. */
  readonly namespace: string;
  readonly store: MemoryContents;
}

const MAGIC = Buffer.from("perdure-snapshot", "latin1");

/** Of the bytes. Readers refuse what is newer than they are, and read all that is older. */
const VERSION = 1;

/** Before the contents: magic, version, checksum of the contents. */
const HEADER_BYTES = MAGIC.length + 8;

/** What the contents of a snapshot may unpack to: far more than a test keeps, far less than a machine has. */
const CONTENTS_BYTES_MAX = 256 * 1024 * 1024;

// Fixtures are kept in repositories, but snapshots are made while a test runs: the fastest level makes them small enough.
const COMPRESSION_LEVEL = 1;

/**
 * An environment as bytes.
 *
 * @throws {SnapshotError} If it holds more than a snapshot may.
 */
export function encodeSnapshot(state: EnvironmentState): Uint8Array {
  const plain = encodePlain(state);
  if (plain.length > CONTENTS_BYTES_MAX) {
    throw new SnapshotError(
      `Cannot take snapshot of environment: its contents have ${plain.length} bytes, at most ${CONTENTS_BYTES_MAX} are taken`,
    );
  }
  const contents = deflateRawSync(plain, { level: COMPRESSION_LEVEL });
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, MAGIC.length);
  header.writeUInt32LE(crc32(contents), MAGIC.length + 4);
  return Buffer.concat([header, contents]);
}

/**
 * What {@link encodeSnapshot} wrote, in this version or an older one.
 *
 * @throws {SnapshotError} If the bytes are no snapshot, are damaged or come from a newer version.
 */
export function decodeSnapshot(bytes: Uint8Array): EnvironmentState {
  const snapshot = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (snapshot.length < HEADER_BYTES || !snapshot.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new SnapshotError(
      `Cannot restore environment: ${bytes.length} bytes that are no snapshot found, give what "snapshot()" returned`,
    );
  }
  const version = snapshot.readUInt32LE(MAGIC.length);
  if (version > VERSION) {
    throw new SnapshotError(
      `Cannot restore environment: its snapshot has version ${version}, this package knows up to ${VERSION}; update the package`,
    );
  }
  const contents = snapshot.subarray(HEADER_BYTES);
  if (crc32(contents) !== snapshot.readUInt32LE(MAGIC.length + 4)) {
    throw new SnapshotError("Cannot restore environment: its snapshot is damaged, the checksum differs; take it again");
  }
  return readContents(contents);
}

function readContents(contents: Buffer): EnvironmentState {
  try {
    const plain = inflateRawSync(contents, { maxOutputLength: CONTENTS_BYTES_MAX });
    return decodePlain(plain) as EnvironmentState;
  } catch (cause) {
    throw new SnapshotError(
      `Cannot restore environment: the contents of its snapshot cannot be read, expected at most ${CONTENTS_BYTES_MAX} bytes that "snapshot()" wrote`,
      { cause },
    );
  }
}
