package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/spf13/cobra"

	"newsreel/article"
	"newsreel/extractor"
)

// Limits of an extraction in a process of its own.
const (
	sandboxTime   = 30 * time.Second
	sandboxMemory = 1 << 30
)

// sandbox extracts a page in a child process, which may die of it.
func sandbox(ctx context.Context, p extractor.Page) (*article.Article, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("extract in a process of its own: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sandboxTime)
	defer cancel()
	input, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, extractPageName)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("extraction took longer than %s", sandboxTime)
	}
	if err != nil {
		return nil, fmt.Errorf("extraction ended its process: %w", err)
	}
	var a article.Article
	if err := json.Unmarshal(out, &a); err != nil {
		return nil, fmt.Errorf("extraction in a process of its own: %w", err)
	}
	return &a, nil
}

const extractPageName = "extract-page"

// extractPageCommand is the child's side: a page as JSON in, an article out.
func extractPageCommand() *cobra.Command {
	return &cobra.Command{
		Use: extractPageName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			debug.SetMemoryLimit(sandboxMemory * 3 / 4)
			go watchMemory()
			input, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return err
			}
			var p extractor.Page
			if err := json.Unmarshal(input, &p); err != nil {
				return err
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(extractor.Extract(p))
		},
	}
}

// watchMemory ends the process when it has taken more than it may.
func watchMemory() {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	for range time.Tick(20 * time.Millisecond) {
		metrics.Read(sample)
		if sample[0].Value.Uint64() > sandboxMemory {
			fmt.Fprintln(os.Stderr, "newsreel: extraction takes more memory than it may")
			os.Exit(exitFailed)
		}
	}
}
