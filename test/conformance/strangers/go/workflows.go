package main

import (
	"context"
	"errors"
	"time"

	"github.com/nexus-rpc/sdk-go/nexus"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/temporalnexus"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const serviceName = "strangers"

func register(w worker.Worker) {
	w.RegisterWorkflowWithOptions(greeting, workflow.RegisterOptions{Name: "Greeting"})
	w.RegisterWorkflowWithOptions(echo, workflow.RegisterOptions{Name: "Echo"})
	w.RegisterWorkflow(everything)
	w.RegisterWorkflow(part)
	w.RegisterWorkflow(nexusCaller)
	w.RegisterActivity(greet)
	service := nexus.NewService(serviceName)
	service.MustRegister(partOperation, failingOperation)
	w.RegisterNexusService(service)
}

func greet(_ context.Context, greeting string, name string) (string, error) {
	return greeting + ", " + name + "!", nil
}

func inTenSeconds(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
}

// greeting is what the programs of the other SDKs define too, so that each side may work for the other.
func greeting(ctx workflow.Context, name string, waits bool) (string, error) {
	said, released := "Hello", false
	if err := workflow.SetQueryHandler(ctx, "greeting", func() (string, error) { return said, nil }); err != nil {
		return "", err
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			workflow.GetSignalChannel(ctx, "setGreeting").Receive(ctx, &said)
		}
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, "let-go").Receive(ctx, nil)
		released = true
	})
	if err := workflow.Sleep(ctx, 5*time.Millisecond); err != nil {
		return "", err
	}
	if err := workflow.Await(ctx, func() bool { return released || !waits }); err != nil {
		return "", err
	}
	var greeted string
	err := workflow.ExecuteActivity(inTenSeconds(ctx), greet, said, name).Get(ctx, &greeted)
	return greeted, err
}

// echo answers what it is given, whatever that is.
func echo(_ workflow.Context, value any) (any, error) {
	return value, nil
}

// part ends at once, or never if it is endless.
func part(ctx workflow.Context, name string) (string, error) {
	if name == "endless" {
		return "", workflow.Await(ctx, func() bool { return false })
	}
	return "part " + name, nil
}

// everything adds what updates bring to what its own means say, as a chain of runs.
func everything(ctx workflow.Context, runsLeft int) ([]string, error) {
	parts := []string{}
	add := func(ctx workflow.Context, text string) (int, error) {
		if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
			return 0, err
		}
		parts = append(parts, text)
		return len(parts), nil
	}
	validate := func(text string) error {
		if text == "" {
			return errors.New("no part")
		}
		return nil
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, "add", add, workflow.UpdateHandlerOptions{Validator: validate}); err != nil {
		return nil, err
	}
	if err := workflow.Await(ctx, func() bool { return len(parts) > 0 }); err != nil {
		return nil, err
	}
	if workflow.GetVersion(ctx, "local", workflow.DefaultVersion, 1) == 1 {
		local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second})
		var greeted string
		if err := workflow.ExecuteLocalActivity(local, greet, "Hey", "you").Get(ctx, &greeted); err != nil {
			return nil, err
		}
		parts = append(parts, greeted)
	}
	var chosen string
	if err := workflow.SideEffect(ctx, func(workflow.Context) any { return "chosen" }).Get(&chosen); err != nil {
		return nil, err
	}
	var one string
	if err := workflow.ExecuteChildWorkflow(ctx, part, "one").Get(ctx, &one); err != nil {
		return nil, err
	}
	parts = append(parts, chosen, one)
	if err := cancelledChild(ctx); err != nil {
		return nil, err
	}
	if err := workflow.UpsertMemo(ctx, map[string]any{"parts": len(parts)}); err != nil {
		return nil, err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return nil, err
	}
	if runsLeft > 0 {
		return nil, workflow.NewContinueAsNewError(ctx, everything, runsLeft-1)
	}
	return parts, nil
}

func cancelledChild(ctx workflow.Context) error {
	ctx, cancel := workflow.WithCancel(ctx)
	endless := workflow.ExecuteChildWorkflow(ctx, part, "endless")
	if err := endless.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
		return err
	}
	cancel()
	var cancelled *temporal.CanceledError
	if err := endless.Get(ctx, nil); !errors.As(err, &cancelled) {
		return temporal.NewApplicationError("a child ended otherwise than cancelled", "Wrong", err)
	}
	return nil
}

var partOperation = temporalnexus.NewWorkflowRunOperation("part", part,
	func(_ context.Context, name string, options nexus.StartOperationOptions) (client.StartWorkflowOptions, error) {
		return client.StartWorkflowOptions{ID: "operation-" + name + "-" + options.RequestID}, nil
	})

var failingOperation = nexus.NewSyncOperation("fail",
	func(context.Context, string, nexus.StartOperationOptions) (string, error) {
		return "", nexus.NewOperationFailedErrorf("as asked")
	})

// nexusCaller asks for an operation that ends, one that fails and one that it cancels.
func nexusCaller(ctx workflow.Context, endpoint string) (string, error) {
	c := workflow.NewNexusClient(endpoint, serviceName)
	var one string
	if err := c.ExecuteOperation(ctx, partOperation, "one", workflow.NexusOperationOptions{}).Get(ctx, &one); err != nil {
		return "", err
	}
	var failed *temporal.NexusOperationError
	err := c.ExecuteOperation(ctx, failingOperation, "", workflow.NexusOperationOptions{}).Get(ctx, nil)
	if !errors.As(err, &failed) {
		return "", temporal.NewApplicationError("an operation ended otherwise than failed", "Wrong", err)
	}
	cancellable, cancel := workflow.WithCancel(ctx)
	endless := c.ExecuteOperation(cancellable, partOperation, "endless", workflow.NexusOperationOptions{})
	if err := endless.GetNexusOperationExecution().Get(ctx, nil); err != nil {
		return "", err
	}
	cancel()
	var cancelled *temporal.CanceledError
	if err := endless.Get(ctx, nil); !errors.As(err, &cancelled) {
		return "", temporal.NewApplicationError("an operation ended otherwise than cancelled", "Wrong", err)
	}
	return one, nil
}
