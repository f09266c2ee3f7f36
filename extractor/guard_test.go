package extractor

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"newsreel/article"
)

func TestAPoisonPageGetsAProcessOfItsOwn(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	died := errors.New("extraction ended its process")
	var calls, boxed atomic.Int32
	g := &Guard{soft: 20 * time.Millisecond,
		extract: func(Page) *article.Article {
			if calls.Add(1) == 1 {
				panic("poison")
			}
			<-hang
			return nil
		},
		sandbox: func(context.Context, Page) (*article.Article, error) {
			if boxed.Add(1) == 2 {
				return nil, died
			}
			return &article.Article{Headline: "from the sandbox"}, nil
		}}
	for i := range 6 {
		a, err := g.Extract(t.Context(), Page{Body: []byte("x")})
		if i == 1 {
			if !errors.Is(err, died) {
				t.Errorf("page %d: %v, want that its process ended", i, err)
			}
		} else if err != nil || a.Headline != "from the sandbox" {
			t.Errorf("page %d: %+v, %v", i, a, err)
		}
	}
	if n := calls.Load(); n != 1+maxAbandoned {
		t.Errorf("%d extractions in this process, want the one that panics and %d that hang", n, maxAbandoned)
	}
}

func TestALargePageGetsAProcessOfItsOwnAtOnce(t *testing.T) {
	g := NewGuard(func(context.Context, Page) (*article.Article, error) { return &article.Article{Headline: "box"}, nil })
	g.extract = func(Page) *article.Article { return &article.Article{Headline: "here"} }
	for size, want := range map[int]string{largePage - 1: "here", largePage: "box"} {
		if a, err := g.Extract(t.Context(), Page{Body: make([]byte, size)}); err != nil || a.Headline != want {
			t.Errorf("%d bytes: %+v, %v, want %s", size, a, err, want)
		}
	}
}

func TestWithoutASandboxAPanicIsAnError(t *testing.T) {
	g := NewGuard(nil)
	g.extract = func(Page) *article.Article { panic("poison") }
	if _, err := g.Extract(t.Context(), Page{}); err == nil {
		t.Error("no error")
	}
}
