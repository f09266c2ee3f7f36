package crawler

import (
	"reflect"
	"strings"
	"testing"

	"newsreel/capture"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/job"
	"newsreel/stream"
)

func TestEveryProtectingLimitHasACounterOfItsName(t *testing.T) {
	c, doc := newTestCrawler(t, simpleJob)
	var err error
	if c.client, err = fetch.NewClient(fetch.Settings{}); err != nil {
		t.Fatal(err)
	}
	left := c.LimitHits()
	protect := reflect.TypeFor[job.Protect]()
	for i := range protect.NumField() {
		name := protect.Field(i).Tag.Get("json")
		if _, there := left[name]; !there {
			t.Errorf("limits.protect.%s has no counter", name)
		}
		delete(left, name)
	}
	for _, name := range []string{"address", "memory", "view", "chunk_line", "path_depth"} { // as docs/operations.md lists them
		delete(left, name)
	}
	if len(left) > 0 {
		t.Errorf("counters that no limit has: %v", left)
	}

	p := newPage(frontier.Task{URL: "http://www.paper.example/news/", Kind: stream.KindPage})
	for _, path := range []string{"a/a/a/a", strings.Repeat("x/y/", 60), strings.Repeat("z", 9000), "fine"} {
		c.found(p, &stream.Outcome{}, stream.Discovery{URL: "http://www.paper.example/news/" + path, Kind: stream.KindPage, How: capture.ByLink}, doc)
	}
	c.hits.add(protectLimit("limits.protect.pattern"))
	c.hits.add(protectLimit("limits.per_host"))
	for name, want := range map[string]int64{"path_repeat": 1, "path_depth": 1, "url": 1, "pattern": 1, "depth": 0} {
		if got := c.LimitHits()[name]; got != want {
			t.Errorf("%s was hit %d times, want %d", name, got, want)
		}
	}
}
