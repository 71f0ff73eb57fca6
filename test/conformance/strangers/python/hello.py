"""The official Python SDK's side of the conformance run.

hello.py ADDRESS both TASK_QUEUE ID     client and worker: a timer, an activity, a signal and a query
hello.py ADDRESS worker TASK_QUEUE      worker only, until standard input closes
hello.py ADDRESS client TASK_QUEUE ID   client only, against a worker of another SDK
"""

import asyncio
import os
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
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
            workflows=[Greeting],
            activities=[greet],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            if mode == "both":
                await drive(client, task_queue, rest[0])
            else:
                print("ready", flush=True)
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print("ok", flush=True)
    # The SDK's native threads now and then abort the interpreter on its way out, even where no server was reached.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
