"""The official Python SDK's side of the conformance run.

hello.py ADDRESS both TASK_QUEUE ID     client and worker: timers, activities, signals, queries, updates, children, patches
hello.py ADDRESS worker TASK_QUEUE      worker only, until standard input closes
hello.py ADDRESS client TASK_QUEUE ID   client only, against a worker of another SDK
"""

import asyncio
import os
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ChildWorkflowError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@activity.defn(name="greet")
async def greet(greeting: str, name: str) -> str:
    return f"{greeting}, {name}!"


@workflow.defn
class Greeting:
    def __init__(self) -> None:
        self._greeting = "Hello"
        self._released = False

    @workflow.run
    async def run(self, name: str, waits: bool) -> str:
        await asyncio.sleep(0.005)
        if waits:
            await workflow.wait_condition(lambda: self._released)
        return await workflow.execute_activity(
            greet, args=[self._greeting, name], start_to_close_timeout=timedelta(seconds=10)
        )

    @workflow.signal(name="setGreeting")
    def set_greeting(self, greeting: str) -> None:
        self._greeting = greeting

    @workflow.signal(name="let-go")
    def release(self) -> None:
        self._released = True

    @workflow.query(name="greeting")
    def greeting(self) -> str:
        return self._greeting


@workflow.defn
class Part:
    @workflow.run
    async def run(self, name: str) -> str:
        if name == "endless":
            await workflow.wait_condition(lambda: False)
        return f"part {name}"


@workflow.defn
class Everything:
    def __init__(self) -> None:
        self._parts: list[str] = []

    @workflow.run
    async def run(self, runs_left: int) -> list[str]:
        await workflow.wait_condition(lambda: len(self._parts) > 0)
        if workflow.patched("local"):
            self._parts.append(
                await workflow.execute_local_activity(
                    greet, args=["Hey", "you"], start_to_close_timeout=timedelta(seconds=10)
                )
            )
        self._parts.append(await workflow.execute_child_workflow(Part.run, "one"))
        endless = await workflow.start_child_workflow(Part.run, "endless")
        endless.cancel()
        try:
            await endless
        except ChildWorkflowError as error:
            self._parts.append(type(error.cause).__name__)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if runs_left > 0:
            workflow.continue_as_new(runs_left - 1)
        return self._parts

    @workflow.update
    async def add(self, part: str) -> int:
        await workflow.sleep(0.001)
        self._parts.append(part)
        return len(self._parts)

    @add.validator
    def check(self, part: str) -> None:
        if part == "":
            raise ValueError("no part")


async def drive_everything(client: Client, task_queue: str, workflow_id: str) -> None:
    handle = await client.start_workflow(Everything.run, 1, id=workflow_id, task_queue=task_queue)
    try:
        await handle.execute_update(Everything.add, "")
        raise AssertionError("an update without a part was taken")
    except WorkflowUpdateFailedError:
        pass
    first = handle.first_execution_run_id
    assert await handle.execute_update(Everything.add, "first") == 1
    follow = client.get_workflow_handle(workflow_id)
    while (await follow.describe()).run_id == first:
        await asyncio.sleep(0.02)
    assert await follow.execute_update(Everything.add, "second") == 1
    result = await handle.result()
    assert result == ["second", "Hey, you!", "part one", "CancelledError"], result
    cancelled = await client.start_workflow(Part.run, "endless", id=f"{workflow_id}-c", task_queue=task_queue)
    await cancelled.cancel()
    try:
        await cancelled.result()
        raise AssertionError("a cancelled workflow had a result")
    except WorkflowFailureError as error:
        assert type(error.cause).__name__ == "CancelledError", error.cause


async def drive(client: Client, task_queue: str, workflow_id: str) -> None:
    handle = await client.start_workflow("Greeting", args=["World", True], id=workflow_id, task_queue=task_queue)
    before = await handle.query("greeting")
    assert before == "Hello", before
    await handle.signal("setGreeting", "Hi")
    await handle.signal("let-go")
    result = await handle.result()
    assert result == "Hi, World!", result
    history = await handle.fetch_history()
    kinds = {event.WhichOneof("attributes") for event in history.events}
    for wanted in ("timer_fired", "activity_task_completed", "workflow_execution_signaled", "workflow_execution_completed"):
        assert f"{wanted}_event_attributes" in kinds, (wanted, kinds)


async def main(address: str, mode: str, task_queue: str, *rest: str) -> None:
    client = await Client.connect(address)
    if mode == "client":
        await drive(client, task_queue, rest[0])
    else:
        worker = Worker(
            client,
            task_queue=task_queue,
            workflows=[Greeting, Everything, Part],
            activities=[greet],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            if mode == "both":
                await drive(client, task_queue, rest[0])
                await drive_everything(client, task_queue, f"{rest[0]}-everything")
            else:
                print("ready", flush=True)
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print("ok", flush=True)
    # The SDK's native threads now and then abort the interpreter on its way out, even where no server was reached.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
