/** Names under which a bundle's script finds what it needs of the realm, in the order in which they are passed. */
export const SCRIPT_PARAMETERS: readonly string[] = [
  "globalThis",
  "self",
  "global",
  "$sdk",
  "$pick",
  "$stub",
  "$activity",
  "$shared",
  "$modules",
  "$builtin",
  "$restrict",
];
