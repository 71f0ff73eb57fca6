/** Keys that gRPC takes for metadata. */
export const METADATA_KEY = /^[0-9a-z_.-]+$/;
/** Texts that gRPC takes as values: printable ASCII. */
export const METADATA_TEXT = /^[\x20-\x7e]*$/;
