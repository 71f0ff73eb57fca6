import { PRIORITY_DEFAULT, PRIORITY_MAX, type QueuedTask } from "./task.ts";

// A consumed prefix is cut off once it is this long, so that taking stays cheap and memory is given back.
const CONSUMED_MAX = 1_024;

interface Level<T> {
  tasks: T[];
  head: number;
}

/** Tasks in order of priority, first in first out within one. */
export class Backlog<T extends QueuedTask> {
  readonly #levels: Level<T>[] = Array.from({ length: PRIORITY_MAX }, () => ({ tasks: [], head: 0 }));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(task: T): void {
    this.#level(task).tasks.push(task);
    this.#size += 1;
  }

  /** Puts a task that could not be handed out back at the front of its priority. */
  putBack(task: T): void {
    const level = this.#level(task);
    if (level.head > 0) level.tasks[--level.head] = task;
    else level.tasks.unshift(task);
    this.#size += 1;
  }

  /** The next task, left in place. */
  first(): T | undefined {
    return this.#firstLevel()?.tasks[this.#firstLevel()?.head ?? 0];
  }

  shift(): T | undefined {
    const level = this.#firstLevel();
    if (level === undefined) return undefined;
    const task = level.tasks[level.head];
    level.head += 1;
    this.#size -= 1;
    if (level.head === level.tasks.length) {
      level.tasks = [];
      level.head = 0;
    } else if (level.head >= CONSUMED_MAX) {
      level.tasks.splice(0, level.head);
      level.head = 0;
    }
    return task;
  }

  /** Takes out the tasks that satisfy a condition and returns them in order. */
  extract(matches: (task: T) => boolean): T[] {
    const taken: T[] = [];
    for (const level of this.#levels) {
      const left: T[] = [];
      for (const task of level.tasks.slice(level.head)) (matches(task) ? taken : left).push(task);
      level.tasks = left;
      level.head = 0;
    }
    this.#size -= taken.length;
    return taken;
  }

  /** When the oldest task was offered; `undefined` when there is none. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const { tasks, head } of this.#levels) {
      const first = tasks[head];
      if (first !== undefined && (oldestMs === undefined || first.offeredMs < oldestMs)) oldestMs = first.offeredMs;
    }
    return oldestMs;
  }

  /** Number of tasks of one priority. */
  sizeOf(priority: number): number {
    const level = this.#levels[priority - 1];
    return level === undefined ? 0 : level.tasks.length - level.head;
  }

  #firstLevel(): Level<T> | undefined {
    if (this.#size === 0) return undefined;
    return this.#levels.find(({ tasks, head }) => head < tasks.length);
  }

  #level(task: T): Level<T> {
    const level = this.#levels[task.priority - 1] ?? this.#levels[PRIORITY_DEFAULT - 1];
    if (level === undefined) throw new Error("Cannot find backlog level: there are none");
    return level;
  }
}
