package extractor

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"newsreel/article"
	"newsreel/extractor/rules"
)

// Defaults of a Guard.
const (
	// softTime is how long an extraction in this process is waited for before
	// the page is given to a process of its own, with limits that hold.
	softTime = 5 * time.Second
	// maxAbandoned is how many extractions that were not waited for may go on
	// in this process: with more, every page gets a process of its own.
	maxAbandoned = 2
	// largePage is the body, in bytes, from which on a page is extracted in a
	// process of its own at once: it may take many times as much memory.
	largePage = 8 << 20
)

// Guard extracts pages so that few of them can end or hang the process: a page
// that panics, takes long or is large is extracted in a process of its own,
// with limits on memory and time. It is safe for concurrent use.
type Guard struct {
	soft      time.Duration
	extract   func(Page) *article.Article
	sandbox   Sandbox
	rules     Chooser
	abandoned atomic.Int32
}

// Chooser gives the site rule for a page's address, or nil. It is safe for
// concurrent use. [rules.Set.For] and [rules.Folder.For] are such.
type Chooser func(address string) *rules.Rule

// WithRules has the guard read pages that bring no rule with the one that choose
// gives for their address. It is called before the first Extract.
func (g *Guard) WithRules(choose Chooser) *Guard {
	g.rules = choose
	return g
}

// NewGuard returns a guard with a process for the pages that need one. Without
// one (nil) such pages are extracted in this process, and panics are errors.
func NewGuard(sandbox Sandbox) *Guard {
	return &Guard{soft: softTime, extract: Extract, sandbox: sandbox}
}

type guarded struct {
	article *article.Article
	err     error
}

// Extract extracts a page. An error other than ctx's says that the page cannot
// be extracted: the process of its own died of it, or ran over its limits.
func (g *Guard) Extract(ctx context.Context, p Page) (*article.Article, error) {
	if p.Rule == nil && g.rules != nil {
		p.Rule = g.rules(p.URL)
	}
	if g.sandbox == nil {
		e := g.here(p)
		return e.article, e.err
	}
	if len(p.Body) >= largePage || g.abandoned.Load() >= maxAbandoned {
		return g.sandbox(ctx, p)
	}
	done := make(chan guarded, 1)
	go func() { done <- g.here(p) }()
	patience := time.NewTimer(g.soft)
	defer patience.Stop()
	select {
	case e := <-done:
		if e.err == nil {
			return e.article, nil
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		g.abandoned.Add(1)
		go func() { <-done; g.abandoned.Add(-1) }()
	}
	return g.sandbox(ctx, p)
}

// here extracts in this process, and turns a panic into an error.
func (g *Guard) here(p Page) (e guarded) {
	defer func() {
		if r := recover(); r != nil {
			e = guarded{err: fmt.Errorf("extraction panicked: %v", r)}
		}
	}()
	return guarded{article: g.extract(p)}
}
