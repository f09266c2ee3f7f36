package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
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
		var said []byte
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said = exit.Stderr
		}
		return nil, lastWords(said, err.Error())
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
			limitMemory()
			input, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return err
			}
			var p extractor.Page
			if err := json.Unmarshal(input, &p); err != nil {
				return err
			}
			poison(p.Body)
			return json.NewEncoder(cmd.OutOrStdout()).Encode(extractor.Extract(p))
		},
	}
}

// limitMemory makes this process end when it takes more memory than an
// extraction may.
func limitMemory() {
	debug.SetMemoryLimit(sandboxMemory * 3 / 4)
	go watchMemory()
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

// poisonEnv arms the poison of the tests, in the processes that pages are
// extracted in apart: a page that holds the text takes memory without end. No
// page is known that does so by itself.
const poisonEnv = "NEWSREEL_POISON"

func poison(body []byte) {
	text := os.Getenv(poisonEnv)
	if text == "" || !bytes.Contains(body, []byte(text)) {
		return
	}
	var taken [][]byte
	for {
		taken = append(taken, bytes.Repeat([]byte{1}, 16<<20))
		runtime.KeepAlive(taken)
	}
}

// lastWords is the error of an extraction that ended its process, from the first
// line that the process said, or how it ended.
func lastWords(said []byte, ended string) error {
	line, _, _ := bytes.Cut(bytes.TrimSpace(said), []byte("\n"))
	text := plain(string(bytes.TrimPrefix(line, []byte("newsreel: "))))
	return fmt.Errorf("extraction ended its process: %s", cmp.Or(text, ended))
}
