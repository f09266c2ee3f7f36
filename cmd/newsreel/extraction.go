package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"newsreel/article"
	"newsreel/extractor"
)

const (
	// softTime is how long an extraction in this process is waited for before
	// the page is given to a process of its own, with limits that hold.
	softTime = 5 * time.Second
	// maxAbandoned is how many extractions that were not waited for may go on
	// in this process: with more, every page gets a process of its own.
	maxAbandoned = 2
)

// extraction extracts pages so that none of them can end or hang the process.
// It is safe for concurrent use.
type extraction struct {
	soft      time.Duration
	extract   func(extractor.Page) *article.Article
	sandbox   extractor.Sandbox
	abandoned atomic.Int32
}

func newExtraction() *extraction {
	return &extraction{soft: softTime, extract: extractor.Extract, sandbox: sandbox}
}

type extracted struct {
	article *article.Article
	err     error
}

// article extracts a page: in this process at first, and in one of its own if
// that takes long or panics.
func (x *extraction) article(ctx context.Context, p extractor.Page) (*article.Article, error) {
	if x.abandoned.Load() >= maxAbandoned {
		return x.sandbox(ctx, p)
	}
	done := make(chan extracted, 1)
	go func() { done <- x.guarded(p) }()
	patience := time.NewTimer(x.soft)
	defer patience.Stop()
	select {
	case e := <-done:
		if e.err == nil {
			return e.article, nil
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		x.abandoned.Add(1)
		go func() { <-done; x.abandoned.Add(-1) }()
	}
	return x.sandbox(ctx, p)
}

// guarded turns a panic into an error.
func (x *extraction) guarded(p extractor.Page) (e extracted) {
	defer func() {
		if r := recover(); r != nil {
			e = extracted{err: fmt.Errorf("extraction panicked: %v", r)}
		}
	}()
	return extracted{article: x.extract(p)}
}
