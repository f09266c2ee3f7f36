package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"newsreel/extractor"
	"newsreel/extractor/rules"
)

// chooser reads the folder of --rules, if there is one.
func (c *extract) chooser() (extractor.Chooser, error) {
	if c.rules == "" {
		return nil, nil
	}
	set, err := rules.Load(c.rules)
	if err != nil {
		return nil, usage(err)
	}
	return set.For, nil
}

// serve answers pages over HTTP until it is interrupted.
func (c *extract) serve(cmd *cobra.Command, args []string, choose extractor.Chooser) error {
	if len(args) > 0 || c.url != "" || c.batch != "" || c.explain != "" {
		return usage(errors.New("--listen takes its pages over HTTP: leave out file, --url, --batch and --explain"))
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return usage(fmt.Errorf("--listen: %w", err))
	}
	ctx, undo := interruptible()
	defer undo()
	say(cmd, "answering pages at http://%s/ until Ctrl-C; try\n  curl --data-binary @page.html 'http://%s/?url=https://www.example.com/news/1'", l.Addr(), l.Addr())
	return serveArticles(ctx, l, choose)
}

func serveArticles(ctx context.Context, l net.Listener, choose extractor.Chooser) error {
	server := &http.Server{
		Handler:           extractor.Handler(extractor.HandlerSettings{Extract: extractor.NewGuard(sandbox).WithRules(choose).Extract}),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 3 * time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patience)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("extract: answer pages: %w", err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("extract: pages were still under way: %w", err)
	}
	return nil
}
