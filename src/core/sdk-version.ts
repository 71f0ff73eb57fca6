/** This package's version. */
export const SDK_VERSION = "0.1.0";
