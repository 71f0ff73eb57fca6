import type { ActivityModule } from "./placed-host.ts";
import { servePlaced } from "./serve-placed.ts";

servePlaced(async ({ module = "" }) => (await import(module)) as ActivityModule);
