/** State of a module that workflow code imports, each run's own. */
export const ofModule: string[] = ["at first"];
