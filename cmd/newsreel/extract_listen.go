package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"newsreel/extractor"
	"newsreel/extractor/rules"
)

// folder reads the rules of --rules; nil if there are none.
func (c *extract) folder() (*rules.Folder, error) {
	if c.rules == "" {
		return nil, nil
	}
	folder, err := rules.Open(c.rules)
	if err != nil {
		return nil, usage(err)
	}
	if len(folder.Rules().Rules()) == 0 && c.listen == "" {
		return nil, usage(fmt.Errorf("--rules %s: there are no site rules: files that end in .yaml or .yml", c.rules))
	}
	return folder, nil
}

// chooser is nil where there is no folder.
func chooser(folder *rules.Folder) extractor.Chooser {
	if folder == nil {
		return nil
	}
	return folder.For
}

// serve answers pages over HTTP until it is interrupted.
func (c *extract) serve(cmd *cobra.Command, args []string, folder *rules.Folder) error {
	if len(args) > 0 || c.url != "" || c.batch != "" || c.explain != "" {
		return usage(errors.New("--listen takes its pages over HTTP: leave out file, --url, --batch and --explain"))
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return usage(fmt.Errorf("--listen: %w", err))
	}
	ctx, undo := interruptible()
	var following sync.WaitGroup
	defer func() { undo(); following.Wait() }()
	say(cmd, "answering pages at http://%s/ until Ctrl-C; try\n  curl --data-binary @page.html 'http://%s/?url=https://www.example.com/news/1'", l.Addr(), l.Addr())
	if folder != nil {
		following.Go(func() { followRules(ctx, cmd, folder) })
	}
	return serveArticles(ctx, l, chooser(folder))
}

// followRules takes up site rules that change while pages are answered.
func followRules(ctx context.Context, cmd *cobra.Command, folder *rules.Folder) {
	folder.Follow(ctx, time.Second, func(err error) {
		if err != nil {
			say(cmd, "The site rules have changed, and are not taken up: those of before stay in use.\n%v", err)
			return
		}
		say(cmd, "The site rules have changed: %s in use now.", countOf(int64(len(folder.Rules().Rules())), "rule is", "rules are"))
	})
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
