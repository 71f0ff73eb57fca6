import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import type { Commit } from "../store.ts";

/** Bytes before a frame's contents: their length, a checksum of all that follows it, and the number of the first commit. */
const HEADER_BYTES = 16;
const LENGTH_AT = 0;
const CHECKSUM_AT = 4;
const NUMBER_AT = 8;

/** Commits that became durable together, as a commit log keeps them. */
export interface CommitFrame {
  /** Number of the first commit; the others follow it one by one. */
  readonly firstNumber: number;
  readonly commits: readonly Commit[];
}

/** A frame as bytes. */
export function encodeFrame({ firstNumber, commits }: CommitFrame): Buffer {
  const contents = serialize(commits);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + contents.length);
  contents.copy(frame, HEADER_BYTES);
  frame.writeUInt32LE(contents.length, LENGTH_AT);
  frame.writeDoubleLE(firstNumber, NUMBER_AT);
  frame.writeUInt32LE(crc32(frame.subarray(NUMBER_AT)), CHECKSUM_AT);
  return frame;
}

/**
 * Reads the frames that lie one after the other from `offset` on. The first that is incomplete, damaged or not the
 * successor of the one before ends them: it was never acknowledged, or is left from an earlier round through the file.
 */
export function* readFrames(log: Buffer, offset: number): Iterable<CommitFrame> {
  let nextNumber: number | undefined;
  for (let at = offset; at + HEADER_BYTES <= log.length;) {
    const end = at + HEADER_BYTES + log.readUInt32LE(at + LENGTH_AT);
    const firstNumber = log.readDoubleLE(at + NUMBER_AT);
    if (end === at + HEADER_BYTES || end > log.length) return;
    if (nextNumber !== undefined && firstNumber !== nextNumber) return;
    if (crc32(log.subarray(at + NUMBER_AT, end)) !== log.readUInt32LE(at + CHECKSUM_AT)) return;
    const commits = deserialize(log.subarray(at + HEADER_BYTES, end)) as readonly Commit[];
    yield { firstNumber, commits };
    nextNumber = firstNumber + commits.length;
    at = end;
  }
}
