import type { Scenario } from "./scenario.ts";
import { activities } from "./scenarios/activities.ts";
import * as activityWorkflows from "./scenarios/activities.workflows.ts";
import { cancellation } from "./scenarios/cancellation.ts";
import * as cancellationWorkflows from "./scenarios/cancellation.workflows.ts";
import { children } from "./scenarios/children.ts";
import * as childWorkflows from "./scenarios/children.workflows.ts";
import { outside } from "./scenarios/client.ts";
import * as clientWorkflows from "./scenarios/client.workflows.ts";
import { clocks } from "./scenarios/clocks.ts";
import * as clockWorkflows from "./scenarios/clocks.workflows.ts";
import { concurrency } from "./scenarios/concurrency.ts";
import * as concurrencyWorkflows from "./scenarios/concurrency.workflows.ts";
import { contexts } from "./scenarios/contexts.ts";
import { data } from "./scenarios/data.ts";
import { endingsOfWorkflows } from "./scenarios/endings.ts";
import * as endingWorkflows from "./scenarios/endings.workflows.ts";
import { failures } from "./scenarios/failures.ts";
import * as failureWorkflows from "./scenarios/failures.workflows.ts";
import { handlers } from "./scenarios/handlers.ts";
import * as handlerWorkflows from "./scenarios/handlers.workflows.ts";
import { headersOfCalls } from "./scenarios/headers.ts";
import { information } from "./scenarios/information.ts";
import * as informationWorkflows from "./scenarios/information.workflows.ts";
import { messages } from "./scenarios/messages.ts";
import * as messageWorkflows from "./scenarios/messages.workflows.ts";
import { nexusLimits } from "./scenarios/nexus-limits.ts";
import { nexusOffice } from "./scenarios/nexus-office.ts";
import * as nexusOfficeWorkflows from "./scenarios/nexus-office.workflows.ts";
import { nexusTrouble } from "./scenarios/nexus-trouble.ts";
import * as nexusTroubleWorkflows from "./scenarios/nexus-trouble.workflows.ts";
import { nexusOperations } from "./scenarios/nexus.ts";
import * as nexusWorkflows from "./scenarios/nexus.workflows.ts";
import { pauses } from "./scenarios/pauses.ts";
import { observation } from "./scenarios/observation.ts";
import * as observationWorkflows from "./scenarios/observation.workflows.ts";
import { patches } from "./scenarios/patches.ts";
import { plugins } from "./scenarios/plugins.ts";
import { replaying } from "./scenarios/replaying.ts";
import { surroundings } from "./scenarios/sandbox.ts";
import { DrawsAgain, KeepsModuleState, TellsUpdatesApart } from "./scenarios/sandbox.workflows.ts";
import { schedules } from "./scenarios/schedules.ts";
import * as scheduleWorkflows from "./scenarios/schedules.workflows.ts";
import { spine } from "./scenarios/spine.ts";
import * as spineWorkflows from "./scenarios/spine.workflows.ts";
import { standaloneLists } from "./scenarios/standalone-lists.ts";
import { standalone } from "./scenarios/standalone.ts";
import { streams } from "./scenarios/streams.ts";
import * as streamWorkflows from "./scenarios/streams.workflows.ts";
import { taskFailures } from "./scenarios/task-failures.ts";
import { ownTime } from "./scenarios/time.ts";
import * as timeWorkflows from "./scenarios/time.workflows.ts";
import { updates } from "./scenarios/updates.ts";
import * as updateWorkflows from "./scenarios/updates.workflows.ts";
import { values } from "./scenarios/values.ts";
import { versions } from "./scenarios/versions.ts";
import * as versionWorkflows from "./scenarios/versions.workflows.ts";
import { waiting } from "./scenarios/waiting.ts";
import * as waitingWorkflows from "./scenarios/waiting.workflows.ts";
import { withStart } from "./scenarios/with-start.ts";
import * as withStartWorkflows from "./scenarios/with-start.workflows.ts";

/** What is to be the same on every server, by what it is about. */
export const themes: Readonly<Record<string, readonly Scenario[]>> = {
  spine,
  handlers,
  messages,
  updates,
  activities,
  children,
  cancellation,
  concurrency,
  information,
  clocks,
  observation,
  failures,
  nexus: [...nexusOperations, ...nexusOffice, ...nexusTrouble, ...nexusLimits],
  standalone: [...standalone, ...standaloneLists],
  data,
  values,
  plugins,
  patches,
  versions,
  schedules,
  client: outside,
  time: ownTime,
  streams,
  endings: endingsOfWorkflows,
  "with-start": withStart,
  waiting,
  "task-failures": taskFailures,
  headers: headersOfCalls,
  contexts,
  replaying,
  sandbox: surroundings,
  pauses,
};

/** All of them. */
export const scenarios: readonly Scenario[] = Object.values(themes).flat();

/** The workflows of all scenarios. */
export const workflows = [
  spineWorkflows,
  handlerWorkflows,
  messageWorkflows,
  updateWorkflows,
  activityWorkflows,
  childWorkflows,
  cancellationWorkflows,
  concurrencyWorkflows,
  informationWorkflows,
  clockWorkflows,
  observationWorkflows,
  failureWorkflows,
  versionWorkflows,
  nexusWorkflows,
  nexusOfficeWorkflows,
  nexusTroubleWorkflows,
  scheduleWorkflows,
  clientWorkflows,
  timeWorkflows,
  streamWorkflows,
  endingWorkflows,
  withStartWorkflows,
  waitingWorkflows,
  { DrawsAgain, KeepsModuleState, TellsUpdatesApart },
].flatMap((module) => Object.values(module));
