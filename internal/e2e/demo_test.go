// Package e2e crawls the demo world with everything that a user runs, and then
// opens what was written with readers of ours and of others.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/demo"
	"newsreel/internal/local"
	"newsreel/internal/peers"
	"newsreel/job"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// crawled is a finished crawl of the demo world, opened.
type crawled struct {
	world    *demo.World
	summary  archive.Summary
	folder   string // of the collection's objects
	manifest []archive.Manifest
	captures []capture.Row
	articles []archive.ArticleRow
	ledger   []archive.LedgerRow
}

// crawlDemo crawls the world into a new folder.
func crawlDemo(t *testing.T) *crawled {
	t.Helper()
	world := demo.New()
	if _, err := world.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { world.Close() })
	dir := t.TempDir()
	r, err := local.Open(local.Options{Dir: dir, Command: "test", Version: "test", Resolve: world.Resolve()})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := job.Parse("demo.yaml", []byte(world.JobYAML()))
	if err != nil {
		t.Fatal(err)
	}
	doc.Network.Resolve = nil
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	result, err := r.Run(ctx, doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	c := &crawled{world: world, summary: result.Summary, folder: filepath.Join(dir, "s3", "newsreel", "demo")}
	c.read(t)
	return c
}

func (c *crawled) read(t *testing.T) {
	t.Helper()
	for _, path := range c.glob(t, "segments/*.json") {
		var m archive.Manifest
		if err := json.Unmarshal(read(t, path), &m); err != nil {
			t.Fatal(err)
		}
		c.manifest = append(c.manifest, m)
	}
	for _, path := range c.glob(t, "captures/*.parquet") {
		c.captures = append(c.captures, rows[capture.Row](t, path)...)
	}
	for _, path := range c.glob(t, "articles/*.parquet") {
		c.articles = append(c.articles, rows[archive.ArticleRow](t, path)...)
	}
	for _, path := range c.glob(t, "urls/*.parquet") {
		c.ledger = append(c.ledger, rows[archive.LedgerRow](t, path)...)
	}
}

func (c *crawled) glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(c.folder, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, c.folder, err)
	}
	return paths
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func rows[T any](t *testing.T, path string) []T {
	t.Helper()
	list, err := parquet.ReadFile[T](path)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return list
}

func TestDemo(t *testing.T) {
	c := crawlDemo(t)
	t.Run("the ledger is what the world knows, URL by URL", c.checkLedger)
	t.Run("the ledger closes", c.checkCloses)
	t.Run("captures agree everywhere", c.checkCounts)
	t.Run("digests are those of the bytes sent", c.checkDigests)
	t.Run("warcio reads every record", c.checkWarcio)
	t.Run("every CDXJ line points to its record", c.checkCDXJ)
	t.Run("articles are those of the world", c.checkArticles)
	t.Run("no URL was asked for twice", c.checkRequests)
}

func (c *crawled) checkLedger(t *testing.T) {
	type fate struct{ Fate, Reason, Kind string }
	want, got := map[string]fate{}, map[string]fate{}
	for _, e := range c.world.Expected() {
		want[e.URL] = fate{e.Fate, e.Reason, e.Kind}
	}
	for _, r := range c.ledger {
		if _, twice := got[r.URL]; twice {
			t.Errorf("%s stands twice in the ledger", r.URL)
		}
		got[r.URL] = fate{r.Fate, r.Reason, r.Kind}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ledger (-expected +crawled):\n%s", diff)
	}
}

func sum(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

func (c *crawled) checkCloses(t *testing.T) {
	s := c.summary
	if s.State != "finished" || s.Waiting != 0 {
		t.Errorf("state %s, %d waiting", s.State, s.Waiting)
	}
	if got := s.Captured + sum(s.Failed) + sum(s.Skipped) + s.Waiting; s.Discovered != got || int(s.Discovered) != len(c.ledger) {
		t.Errorf("%d discovered, %d with a fate, %d rows in the ledger: %+v", s.Discovered, got, len(c.ledger), s)
	}
}

// warcRecords reads every record of every WARC with our reader, and verifies
// its digests.
func (c *crawled) warcRecords(t *testing.T) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, path := range c.glob(t, "warc/*.warc.gz") {
		data := read(t, path)
		for off := 0; off < len(data); {
			r, block, length := member(t, data[off:])
			n[r.Type()]++
			if err := warc.VerifyBlockDigest(r, block); err != nil {
				t.Errorf("%s at %d: %v", path, off, err)
			}
			if r.Type() == warc.TypeResponse {
				if err := warc.VerifyPayloadDigest(r, block); err != nil {
					t.Errorf("%s at %d: %v", path, off, err)
				}
			}
			off += length
		}
	}
	return n
}

func member(t *testing.T, data []byte) (*warc.Record, []byte, int) {
	t.Helper()
	rd := warc.NewReader(bytes.NewReader(data))
	r, err := rd.Next()
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, r.Length)
	var n int
	for n < len(block) {
		k, err := r.Block.Read(block[n:])
		n += k
		if err != nil {
			break
		}
	}
	if _, err := r.Block.Read(make([]byte, 1)); err == nil {
		t.Fatal("block longer than its Content-Length")
	}
	return r, block, int(r.MemberLength)
}

func (c *crawled) checkCounts(t *testing.T) {
	must, due, articles := 0, 0, 0
	for _, e := range c.world.Expected() {
		if e.Fate == demo.Captured {
			must++
		}
		if e.Due {
			due++
		}
		if e.Article != nil {
			articles++
		}
	}
	var counts archive.Counts
	for i := range c.manifest {
		counts.Add(&c.manifest[i].Counts)
	}
	records := c.warcRecords(t)
	lines := 0
	for _, path := range c.glob(t, "cdxj/*.cdxj") {
		lines += bytes.Count(read(t, path), []byte("\n"))
	}
	for what, got := range map[string]int{
		"captures in the manifests":    int(counts.Captures),
		"response and revisit records": records[warc.TypeResponse] + records[warc.TypeRevisit],
		"request records":              records[warc.TypeRequest],
		"CDXJ lines":                   lines,
		"rows of captures.parquet":     len(c.captures),
		"captures of the summary":      int(c.summary.Captures),
	} {
		if got != must {
			t.Errorf("%s: %d, and the world has %d URLs to fetch", what, got, must)
		}
	}
	if got := int(counts.Articles + counts.NoArticle + counts.ExtractFailed); got != due {
		t.Errorf("%d results, %d are due", got, due)
	}
	if len(c.articles) != articles || int(counts.Articles) != articles || int(c.summary.Articles) != articles {
		t.Errorf("articles: %d rows, %d in manifests, %d in the summary, the world has %d",
			len(c.articles), counts.Articles, c.summary.Articles, articles)
	}
	if counts.Revisits != c.summary.Revisits || int(counts.Revisits) != records[warc.TypeRevisit] {
		t.Errorf("revisits: %d in manifests, %d in the summary, %d records", counts.Revisits, c.summary.Revisits, records[warc.TypeRevisit])
	}
}

func (c *crawled) checkDigests(t *testing.T) {
	want := map[string]string{}
	for _, e := range c.world.Expected() {
		if e.Digest != "" {
			want[e.URL] = e.Digest
		}
	}
	for _, r := range c.captures {
		if w := want[r.URL]; w != "" && w != r.ContentDigest {
			t.Errorf("%s: payload digest %s, the server sent %s", r.URL, r.ContentDigest, w)
		}
	}
}

func (c *crawled) checkWarcio(t *testing.T) {
	n := 0
	for _, path := range c.glob(t, "warc/*.warc.gz") {
		for _, r := range peers.Check(t, path) {
			if r.Type == warc.TypeResponse || r.Type == warc.TypeRevisit {
				n++
			}
		}
	}
	if n != len(c.captures) {
		t.Errorf("warcio sees %d responses and revisits, captures.parquet has %d rows", n, len(c.captures))
	}
}

func (c *crawled) checkCDXJ(t *testing.T) {
	for _, path := range c.glob(t, "cdxj/*.cdxj") {
		lines := strings.Split(strings.TrimSuffix(string(read(t, path)), "\n"), "\n")
		if !sort.StringsAreSorted(lines) {
			t.Errorf("%s is not sorted by bytes", path)
		}
		for _, text := range lines {
			line, err := cdxj.ParseLine([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			file := read(t, filepath.Join(c.folder, "warc", line.Filename))
			r, _, length := member(t, file[line.Offset:])
			if r.TargetURI() != line.URL || int64(length) != line.Length || !strings.Contains(r.Header.Get("WARC-Payload-Digest"), strings.TrimPrefix(string(line.Digest), "sha1:")) {
				t.Errorf("line %s points to %s of %s, %d bytes", text, r.Type(), r.TargetURI(), length)
			}
		}
	}
}

func (c *crawled) checkArticles(t *testing.T) {
	got := map[string]*archive.ArticleRow{}
	for i := range c.articles {
		got[c.articles[i].URL] = &c.articles[i]
	}
	headlines, dates, bodies, captions, n := 0, 0, 0, 0, 0
	for _, e := range c.world.Expected() {
		if e.Article == nil {
			continue
		}
		n++
		a := got[e.URL]
		if a == nil {
			t.Errorf("%s: no article", e.URL)
			continue
		}
		count := func(ok bool, n *int, what string, want, have any) {
			if ok {
				*n++
				return
			}
			t.Errorf("%s: %s: want %q, have %q", e.URL, what, want, have)
		}
		count(a.Headline == e.Article.Headline, &headlines, "headline", e.Article.Headline, a.Headline)
		count(a.Published == e.Article.Published, &dates, "published", e.Article.Published, a.Published)
		count(a.Body == strings.Join(e.Article.Body, "\n\n"), &bodies, "body", strings.Join(e.Article.Body, "\n\n"), a.Body)
		count(cmp.Equal(a.Captions, e.Article.Captions) || len(a.Captions)+len(e.Article.Captions) == 0, &captions, "captions", e.Article.Captions, a.Captions)
		for _, never := range e.Article.Never {
			if strings.Contains(a.Body, never) || strings.Contains(a.Headline, never) {
				t.Errorf("%s: %q stands in the article", e.URL, never)
			}
		}
	}
	t.Logf("of %d articles exact: %d headlines, %d dates, %d bodies, %d captions", n, headlines, dates, bodies, captions)
}

func (c *crawled) checkRequests(t *testing.T) {
	retried := map[string]bool{}
	for _, e := range c.world.Expected() {
		retried[e.URL] = e.Retried
	}
	n := map[string]int{}
	for _, r := range c.world.Log() {
		n["http://"+r.Host+r.Path]++
	}
	for url, times := range n {
		if times != 1 && !(retried[url] && times == 2) {
			t.Errorf("%s was asked for %d times", url, times)
		}
	}
}
