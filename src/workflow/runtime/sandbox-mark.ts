let isSandboxed = false;

/** Says that this copy of the package is that of a sandbox, also while it loads modules and no run is there. */
export function markSandboxed(): void {
  isSandboxed = true;
}

/** Whether this copy of the package is that of a sandbox. */
export function isMarkedSandboxed(): boolean {
  return isSandboxed;
}
