// The official Go SDK's side of the conformance run.
//
//	strangers ADDRESS both TASK_QUEUE ID     client and worker: all that is in this program
//	strangers ADDRESS worker TASK_QUEUE      worker only, until standard input closes
//	strangers ADDRESS client TASK_QUEUE ID   client only, against a worker of another SDK
//	strangers ADDRESS echo TASK_QUEUE ID     client only: values there and back through another SDK's worker
//	strangers fixtures                       prints one JSON line for the payload of each value
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
)

const patience = 2 * time.Minute

func main() {
	if err := meet(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func meet(args []string) error {
	if len(args) == 1 && args[0] == "fixtures" {
		return printFixtures()
	}
	if len(args) < 3 {
		return fmt.Errorf("found %d arguments, expected an address, a mode and a task queue", len(args))
	}
	address, mode, taskQueue := args[0], args[1], args[2]
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	quiet := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Logger: quiet})
	if err != nil {
		return err
	}
	defer c.Close()
	switch mode {
	case "client":
		return driveGreeting(ctx, c, taskQueue, args[3])
	case "echo":
		return driveEcho(ctx, c, taskQueue, args[3])
	}
	w := worker.New(c, taskQueue, worker.Options{})
	register(w)
	if err := w.Start(); err != nil {
		return err
	}
	defer w.Stop()
	if mode == "worker" {
		fmt.Println("ready")
		_, err := io.ReadAll(os.Stdin)
		return err
	}
	for name, drive := range map[string]func(context.Context, client.Client, string, string) error{
		"greeting":   driveGreeting,
		"everything": driveEverything,
		"echo":       driveEcho,
		"cancel":     driveCancel,
		"nexus":      driveNexus,
		"schedule":   driveSchedule,
		"activity":   driveActivity,
	} {
		if err := drive(ctx, c, taskQueue, args[3]+"-"+name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
