package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/nexus/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

func options(taskQueue string, id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: taskQueue}
}

func wrong(what string, found any) error {
	return fmt.Errorf("%s: found %v", what, found)
}

func driveGreeting(ctx context.Context, c client.Client, taskQueue string, id string) error {
	run, err := c.ExecuteWorkflow(ctx, options(taskQueue, id), "Greeting", "World", true)
	if err != nil {
		return err
	}
	value, err := c.QueryWorkflow(ctx, id, "", "greeting")
	if err != nil {
		return err
	}
	var said string
	if err := value.Get(&said); err != nil || said != "Hello" {
		return errors.Join(wrong("the query's answer", said), err)
	}
	if err := c.SignalWorkflow(ctx, id, "", "setGreeting", "Hi"); err != nil {
		return err
	}
	if err := c.SignalWorkflow(ctx, id, "", "let-go", nil); err != nil {
		return err
	}
	var result string
	if err := run.Get(ctx, &result); err != nil || result != "Hi, World!" {
		return errors.Join(wrong("the workflow's result", result), err)
	}
	return checkEvents(ctx, c, run,
		enums.EVENT_TYPE_TIMER_FIRED,
		enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
	)
}

func checkEvents(ctx context.Context, c client.Client, run client.WorkflowRun, wanted ...enums.EventType) error {
	found := []enums.EventType{}
	events := c.GetWorkflowHistory(ctx, run.GetID(), run.GetRunID(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err
		}
		found = append(found, event.EventType)
	}
	for _, kind := range wanted {
		if !slices.Contains(found, kind) {
			return wrong(fmt.Sprintf("a history without %v", kind), found)
		}
	}
	return nil
}

func update(ctx context.Context, c client.Client, id string, runID string, text string) (int, error) {
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, RunID: runID, UpdateName: "add", Args: []any{text},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return 0, err
	}
	var count int
	return count, handle.Get(ctx, &count)
}

func driveEverything(ctx context.Context, c client.Client, taskQueue string, id string) error {
	run, err := c.ExecuteWorkflow(ctx, options(taskQueue, id), everything, 1)
	if err != nil {
		return err
	}
	if _, err := update(ctx, c, id, "", ""); err == nil {
		return errors.New("an update without a part was taken")
	}
	first := run.GetRunID()
	if count, err := update(ctx, c, id, first, "first"); err != nil || count != 1 {
		return errors.Join(wrong("parts after the first update", count), err)
	}
	for {
		described, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return err
		}
		if described.WorkflowExecutionInfo.Execution.RunId != first {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if count, err := update(ctx, c, id, "", "second"); err != nil || count != 1 {
		return errors.Join(wrong("parts after the second update", count), err)
	}
	var parts []string
	if err := run.Get(ctx, &parts); err != nil {
		return err
	}
	if !slices.Equal(parts, []string{"second", "Hey, you!", "chosen", "part one"}) {
		return wrong("the parts", parts)
	}
	return nil
}

func driveCancel(ctx context.Context, c client.Client, taskQueue string, id string) error {
	run, err := c.ExecuteWorkflow(ctx, options(taskQueue, id), part, "endless")
	if err != nil {
		return err
	}
	if err := c.CancelWorkflow(ctx, id, ""); err != nil {
		return err
	}
	var cancelled *temporal.CanceledError
	if err := run.Get(ctx, nil); !errors.As(err, &cancelled) {
		return wrong("the end of a cancelled workflow", err)
	}
	return nil
}

func driveNexus(ctx context.Context, c client.Client, taskQueue string, id string) error {
	worker := &nexus.EndpointTarget_Worker{Namespace: client.DefaultNamespace, TaskQueue: taskQueue}
	spec := &nexus.EndpointSpec{
		Name:   id,
		Target: &nexus.EndpointTarget{Variant: &nexus.EndpointTarget_Worker_{Worker: worker}},
	}
	created, err := c.OperatorService().CreateNexusEndpoint(ctx, &operatorservice.CreateNexusEndpointRequest{Spec: spec})
	if err != nil {
		return err
	}
	run, err := c.ExecuteWorkflow(ctx, options(taskQueue, id), nexusCaller, id)
	if err != nil {
		return err
	}
	var result string
	if err := run.Get(ctx, &result); err != nil || result != "part one" {
		return errors.Join(wrong("the caller's result", result), err)
	}
	_, err = c.OperatorService().DeleteNexusEndpoint(ctx, &operatorservice.DeleteNexusEndpointRequest{
		Id: created.Endpoint.Id, Version: created.Endpoint.Version,
	})
	return err
}

func driveSchedule(ctx context.Context, c client.Client, taskQueue string, id string) error {
	handle, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:     id,
		Spec:   client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 24 * time.Hour}}},
		Action: &client.ScheduleWorkflowAction{ID: id + "-run", Workflow: part, Args: []any{"one"}, TaskQueue: taskQueue},
	})
	if err != nil {
		return err
	}
	if err := handle.Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
		return err
	}
	started := []client.ScheduleActionResult{}
	for len(started) == 0 {
		described, err := handle.Describe(ctx)
		if err != nil {
			return err
		}
		started = described.Info.RecentActions
		time.Sleep(20 * time.Millisecond)
	}
	run := c.GetWorkflow(ctx, started[0].StartWorkflowResult.WorkflowID, "")
	var result string
	if err := run.Get(ctx, &result); err != nil || result != "part one" {
		return errors.Join(wrong("the result of the schedule's workflow", result), err)
	}
	return handle.Delete(ctx)
}

func driveActivity(ctx context.Context, c client.Client, taskQueue string, id string) error {
	handle, err := c.ExecuteActivity(ctx, client.StartActivityOptions{
		ID: id, TaskQueue: taskQueue, StartToCloseTimeout: 10 * time.Second,
	}, greet, "Hello", "alone")
	if err != nil {
		return err
	}
	var result string
	if err := handle.Get(ctx, &result); err != nil || result != "Hello, alone!" {
		return errors.Join(wrong("the activity's result", result), err)
	}
	return nil
}
