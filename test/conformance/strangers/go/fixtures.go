package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

// Values whose payloads are the same in every SDK. Text beyond ASCII is not among them: Go escapes some of it.
var values = map[string]any{
	"nothing":    nil,
	"text":       "plain text",
	"empty text": "",
	"integer":    42,
	"negative":   -7,
	"fraction":   1.5,
	"boolean":    true,
	"list":       []any{1, "a", nil, []any{}, map[string]any{}},
	"object":     map[string]any{"a": map[string]any{"c": nil, "d": []bool{true, false}}, "b": 1},
	"bytes":      []byte{0, 255, 16},
}

// driveEcho sends each value to a workflow that answers it.
func driveEcho(ctx context.Context, c client.Client, taskQueue string, id string) error {
	sent := maps.Clone(values)
	sent["odd text"] = "hé世😀\u007f\n\"\\/\u2028<>&"
	for name, value := range sent {
		run, err := c.ExecuteWorkflow(ctx, options(taskQueue, id+"-"+name), "Echo", value)
		if err != nil {
			return err
		}
		var answered any
		if err := run.Get(ctx, &answered); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		wanted, wantedErr := json.Marshal(value)
		found, foundErr := json.Marshal(answered)
		if err := errors.Join(wantedErr, foundErr); err != nil {
			return err
		}
		if !bytes.Equal(wanted, found) {
			return wrong(name, string(found))
		}
	}
	return nil
}

func printFixtures() error {
	for name, value := range values {
		payload, err := converter.GetDefaultDataConverter().ToPayload(value)
		if err != nil {
			return err
		}
		metadata := map[string]string{}
		for key, text := range payload.Metadata {
			metadata[key] = string(text)
		}
		line, err := json.Marshal(map[string]any{"name": name, "metadata": metadata, "data": hex.EncodeToString(payload.Data)})
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}
