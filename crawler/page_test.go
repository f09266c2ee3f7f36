package crawler

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/capture"
	"newsreel/crawler/discover"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/job"
	"newsreel/stream"
)

var testNow = time.Date(2024, 5, 3, 12, 0, 0, 0, time.UTC)

// newTestCrawler is a crawler of a document without anything that it talks to.
func newTestCrawler(t *testing.T, yaml string) (*Crawler, *job.Document) {
	t.Helper()
	doc, err := job.Parse("job.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	c := &Crawler{s: Settings{Version: "1", Now: func() time.Time { return testNow }, Pacer: frontier.NewPacer()},
		scope: job.NewScope(doc, nil)}
	c.doc.Store(doc)
	return c, doc
}

const simpleJob = "seeds: {urls: ['http://www.paper.example/news/']}\n"

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": -1, "0": 0, "120": 2 * time.Minute, " 7 ": 7 * time.Second, "-3": 0, "soon": -1, "1.5": -1,
		"Fri, 03 May 2024 12:05:00 GMT": 5 * time.Minute, "Fri, 03 May 2024 11:00:00 GMT": 0,
		"Friday, 03-May-24 12:01:00 GMT": time.Minute, "99999999999999999999": -1,
	} {
		got, ok := retryAfter(value, testNow)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %s, %v; want %s", value, got, ok, want)
		}
	}
}

func TestBackoffDoublesFromASecond(t *testing.T) {
	for tries, want := range []time.Duration{time.Second, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		if got := backoff(tries); got != want {
			t.Errorf("after %d tries: %s, want %s", tries, got, want)
		}
	}
	if got := backoff(1000); got != 1024*time.Second {
		t.Errorf("after 1000 tries: %s", got)
	}
}

func TestAFailedAttemptIsTriedAgainOrEnds(t *testing.T) {
	c, _ := newTestCrawler(t, simpleJob+"politeness: {tries: 3}\n")
	fault := func(reason string) error {
		return &fetch.Error{Reason: reason, Op: "dial", URL: "u", Err: errors.New("x")}
	}
	for _, test := range []struct {
		name         string
		err          error
		tries        int
		kind         string
		fate, reason string // of the outcome; "" for a retry
		robots       string
	}{
		{"first time-out", fault(fetch.ReasonTimeout), 0, stream.KindPage, "", "timeout", ""},
		{"second time-out", fault(fetch.ReasonTimeout), 1, stream.KindPage, "", "timeout", ""},
		{"last time-out", fault(fetch.ReasonTimeout), 2, stream.KindPage, "failed", "timeout", ""},
		{"refused address", fault(fetch.ReasonAddress), 0, stream.KindPage, "skipped", "address", ""},
		{"refused address of a robots.txt", fault(fetch.ReasonAddress), 0, stream.KindRobots, "skipped", "address", stream.RobotsAddress},
		{"bad URL", fault(fetch.ReasonURL), 0, stream.KindPage, "skipped", "url", ""},
		{"robots.txt out of reach", fault(fetch.ReasonConnect), 2, stream.KindRobots, "failed", "connect", stream.RobotsDeny},
		{"fault of ours", errors.New("disk"), 2, stream.KindPage, "failed", "internal", ""},
	} {
		p := c.failPage(frontier.Task{URL: "http://www.paper.example/", Kind: test.kind, Tries: test.tries}, test.err, testNow)
		switch {
		case test.fate == "":
			if p.outcome != nil || p.retry == nil || p.retry.Reason != test.reason || p.retry.Tries != test.tries+1 ||
				!p.retry.NotBefore.Equal(testNow.Add(backoff(test.tries+1))) {
				t.Errorf("%s: outcome %+v, retry %+v", test.name, p.outcome, p.retry)
			}
		case p.outcome == nil || p.retry != nil || p.outcome.Fate != test.fate || p.outcome.Reason != test.reason:
			t.Errorf("%s: outcome %+v, retry %+v", test.name, p.outcome, p.retry)
		case (p.outcome.Robots == nil) != (test.robots == "") || p.outcome.Robots != nil && p.outcome.Robots.State != test.robots:
			t.Errorf("%s: robots %+v", test.name, p.outcome.Robots)
		}
	}
}

func TestDiscoveriesGoThroughScopeAndTraps(t *testing.T) {
	c, doc := newTestCrawler(t, simpleJob+"scope: {exclude: ['/private/']}\n")
	for _, test := range []struct {
		url, kind string
		seed      bool
		want      string // "in", "out" or why it is skipped
	}{
		{"http://www.paper.example/a", stream.KindPage, false, "in"},
		{"http://other.example/a", stream.KindPage, false, "out"},
		{"http://images.paper.example/a.jpg", stream.KindAsset, false, "in"},
		{"http://cdn.example/a.jpg", stream.KindAsset, false, "in"},
		{"http://maps.example/sitemap.xml", stream.KindSitemap, false, "in"},
		{"http://feeds.paper.example/rss", stream.KindFeed, false, "in"},
		{"http://feeds.example/rss", stream.KindFeed, false, "out"},
		{"http://www.paper.example/private/a", stream.KindPage, false, "excluded"},
		{"http://www.paper.example/a/a/a/", stream.KindPage, false, "trap"},
		{"http://www.paper.example/a/a/a/", stream.KindPage, true, "in"},
		{"http://www.paper.example/" + strings.Repeat("a", 9000), stream.KindPage, false, "url"},
	} {
		p := newPage(frontier.Task{URL: "http://www.paper.example/"})
		var o stream.Outcome
		c.found(p, &o, stream.Discovery{URL: test.url, Kind: test.kind, Seed: test.seed}, doc)
		got := "out"
		if len(p.found) == 1 {
			got = p.found[0].Skip
			if got == "" {
				got = "in"
			}
		}
		if got != test.want || (o.Outside == 1) != (test.want == "out") {
			t.Errorf("%.60s as %s: %s, want %s; %d outside", test.url, test.kind, got, test.want, o.Outside)
		}
	}
}

func TestRedirectsGoBackToTheFrontier(t *testing.T) {
	c, doc := newTestCrawler(t, simpleJob)
	redirect := func(task frontier.Task, location string) (*page, *stream.Outcome) {
		p := newPage(task)
		o := p.end(stream.FateCaptured, "", testNow)
		c.redirect(p, o, location, doc)
		return p, o
	}
	from := frontier.Task{URL: "http://www.paper.example/old", Kind: stream.KindPage, Path: "L", Depth: 2, Hops: 3}
	p, o := redirect(from, "../new?q=ü#part")
	want := []stream.Discovery{{URL: "http://www.paper.example/new?q=%C3%BC", Kind: stream.KindPage, How: capture.ByRedirect,
		Depth: 2, Hops: 4, Path: "LR", Via: from.URL, Found: testNow}}
	if diff := cmp.Diff(want, p.found); diff != "" || o.Kind != "redirect" || o.Location != want[0].URL {
		t.Errorf("outcome %+v (-want +found):\n%s", o, diff)
	}
	from.Hops = 10
	if p, o = redirect(from, "/eleventh"); p.found[0].Skip != stream.SkipLimit || !cmp.Equal(o.Notes, []string{"limit redirects"}) {
		t.Errorf("the eleventh hop: %+v, notes %q", p.found, o.Notes)
	}
	if p, o = redirect(from, "http://elsewhere.example/"); len(p.found) != 0 || o.Outside != 1 || p.seed != "" {
		t.Errorf("out of the scope: %+v", p.found)
	}
	if p, o = redirect(from, "mailto:a@b.example"); len(p.found) != 0 || o.Location != "" || len(o.Notes) != 1 {
		t.Errorf("to no page: %+v, %+v", p.found, o)
	}
	from.Seed, from.Hops = true, 0
	if p, _ = redirect(from, "http://elsewhere.example/"); len(p.found) != 1 || !p.found[0].Seed || p.seed != "http://elsewhere.example/" {
		t.Errorf("a seed's target: %+v, seed %q", p.found, p.seed)
	}
	if !c.scope.Judge("http://elsewhere.example/more").In {
		t.Error("a seed's target does not widen the scope")
	}
}

func TestLinksBecomeDiscoveriesOfTheirKind(t *testing.T) {
	html := `<link rel=alternate type=application/rss+xml href=/feed><a href=/next>n</a><img src=http://cdn.example/p.jpg>
		<script src=/app.js></script><a href=http://other.example/>o</a><link rel=amphtml href=/amp>`
	for name, test := range map[string]struct {
		job  string
		want []string
	}{
		"images, feeds":     {simpleJob, []string{"feed /feed 1 LF", "page /next 2 LL", "asset //cdn.example/p.jpg 1 LE"}},
		"all assets":        {simpleJob + "archive: {assets: all}\n", []string{"feed /feed 1 LF", "page /next 2 LL", "asset //cdn.example/p.jpg 1 LE", "asset /app.js 1 LE"}},
		"nothing but pages": {simpleJob + "archive: {assets: none}\nscope: {discover: false}\n", []string{"page /next 2 LL"}},
	} {
		c, doc := newTestCrawler(t, test.job)
		task := frontier.Task{URL: "http://www.paper.example/", Kind: stream.KindPage, Depth: 1, Path: "L"}
		f := discover.Discover(discover.Input{Body: []byte(html), MediaType: "text/html", URL: task.URL, Charset: "utf-8",
			Hint: discover.KindPage, Limits: discoverLimits(doc)})
		p := newPage(task)
		o := p.end(stream.FateCaptured, "", testNow)
		c.links(p, o, f, &fetch.View{}, doc, true)
		var got []string
		for _, d := range p.found {
			got = append(got, fmt.Sprintf("%s %s %d %s", d.Kind, strings.TrimPrefix(strings.TrimPrefix(d.URL, "http://www.paper.example"), "http:"), d.Depth, d.Path))
		}
		if diff := cmp.Diff(test.want, got); diff != "" || o.Outside != 1 {
			t.Errorf("%s: %d outside (-want +found):\n%s", name, o.Outside, diff)
		}
		c.links(p, o, f, &fetch.View{}, doc, false)
		if len(p.found) != len(got) {
			t.Errorf("%s: a page out of scope is read for links", name)
		}
	}
}

func TestWhatAServerMakesUsSayIsBounded(t *testing.T) {
	var heads [][]byte
	for range 10_000 {
		heads = append(heads, bytes.Repeat([]byte{1}, 500))
	}
	o := &stream.Outcome{URL: "http://a.example/", Interim: texts(heads), Detail: strings.Repeat("d", 1<<20)}
	for range 5000 {
		o.Notes = append(o.Notes, strings.Repeat("\x01", 5000))
	}
	bounded(&o.Detail, &o.Notes)
	var lines stream.Lines
	lines.Outcome(o)
	if lines.Len() > stream.MaxInline/2 {
		t.Errorf("one outcome of %d bytes", lines.Len())
	}
}

func TestProductTokenIsWhatRobotsMean(t *testing.T) {
	for agent, want := range map[string]string{
		"newsreel/1.0 (+https://a.example)": "newsreel", "My-Bot": "My-Bot", " Bot 2.0": "Bot", "": ""} {
		if got := ProductToken(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
