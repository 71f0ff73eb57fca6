"""A load of every kind on a worker of the official Python SDK, whose metrics are served until standard input closes.

metrics.py ADDRESS TASK_QUEUE ENDPOINT PORT
"""

import asyncio
import sys
from datetime import timedelta

import nexusrpc
import nexusrpc.handler
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

ONCE = {"start_to_close_timeout": timedelta(seconds=10), "retry_policy": RetryPolicy(maximum_attempts=1)}


@activity.defn(name="good")
async def good() -> str:
    return "good"


@activity.defn(name="bad")
async def bad() -> str:
    raise ApplicationError("on purpose")


@activity.defn(name="endless")
async def endless() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


@nexusrpc.service(name="measured")
class MeasuredService:
    echo: nexusrpc.Operation[str, str]
    fail: nexusrpc.Operation[str, str]


@nexusrpc.handler.service_handler(service=MeasuredService)
class MeasuredHandler:
    @nexusrpc.handler.sync_operation
    async def echo(self, _ctx: nexusrpc.handler.StartOperationContext, text: str) -> str:
        return text

    @nexusrpc.handler.sync_operation
    async def fail(self, _ctx: nexusrpc.handler.StartOperationContext, how: str) -> str:
        if how == "operation":
            raise nexusrpc.OperationError("it did not work", state=nexusrpc.OperationErrorState.FAILED)
        raise nexusrpc.HandlerError("makes no sense", type=nexusrpc.HandlerErrorType.BAD_REQUEST)


async def forgiving(awaitable) -> None:
    try:
        await awaitable
    except Exception:
        pass


@workflow.defn(name="Part")
class Part:
    @workflow.run
    async def run(self) -> str:
        return "part"


@workflow.defn(name="Measured")
class Measured:
    @workflow.run
    async def run(self, way: str, endpoint: str) -> None:
        if way == "again":
            workflow.continue_as_new(args=["done", endpoint])
        elif way == "fail":
            raise ApplicationError("on purpose")
        elif way == "broken":
            # So that what follows the failure has something to replay.
            await workflow.execute_activity("good", **ONCE)
            raise RuntimeError("on purpose")
        elif way == "wait":
            await workflow.wait_condition(lambda: False)
        elif way == "all":
            await self.all(endpoint)

    async def all(self, endpoint: str) -> None:
        await workflow.execute_activity("good", **ONCE)
        await forgiving(workflow.execute_activity("bad", **ONCE))
        await workflow.execute_local_activity("good", **ONCE)
        await forgiving(workflow.execute_local_activity("bad", **ONCE))
        slow = workflow.start_local_activity("endless", **ONCE)
        await workflow.execute_local_activity("good", **ONCE)
        slow.cancel()
        await forgiving(slow)
        await workflow.execute_child_workflow("Part")
        client = workflow.create_nexus_client(service=MeasuredService, endpoint=endpoint)
        await client.execute_operation(MeasuredService.echo, "x")
        await forgiving(client.execute_operation(MeasuredService.fail, "operation"))
        await forgiving(client.execute_operation(MeasuredService.fail, "handler"))


async def load(client: Client, task_queue: str, endpoint: str) -> None:
    async def start(way: str):
        return await client.start_workflow(
            "Measured", args=[way, endpoint], id=f"{task_queue}-{way}", task_queue=task_queue
        )

    await (await start("all")).result()
    await (await start("again")).result()
    try:
        await (await start("fail")).result()
    except WorkflowFailureError:
        pass
    waiting = await start("wait")
    await waiting.cancel()
    try:
        await waiting.result()
    except WorkflowFailureError:
        pass
    broken = await start("broken")
    await asyncio.sleep(1)
    await broken.terminate()
    try:
        await client.get_workflow_handle("nobody").describe()
    except RPCError:
        pass


async def main() -> None:
    address, task_queue, endpoint, port = sys.argv[1:]
    runtime = Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=f"127.0.0.1:{port}")))
    client = await Client.connect(address, runtime=runtime)
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Measured, Part],
        activities=[good, bad, endless],
        nexus_service_handlers=[MeasuredHandler()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        await load(client, task_queue, endpoint)
        print("measured", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
