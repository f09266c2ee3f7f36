package archiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/stream"
	"newsreel/warc"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fixedRun archives a small run in memory with a clock that stands.
func fixedRun(t *testing.T) *memoryStore {
	log, store, enc := newMemoryLog(), newMemoryStore(), warc.NewEncoder(warc.DefaultLevel)
	log.add(stream.ClassOwn, 3, nil, []byte(`{}`))
	add := func(x exchange, o *stream.Outcome, r *stream.Result) {
		c := makeCapture(t, enc, x)
		c.Partition = 3
		log.capture(c)
		var lines stream.Lines
		lines.Outcome(o)
		log.add(stream.ClassLog, 3, nil, lines.Bytes())
		if r != nil {
			log.result(r)
		}
	}
	robots := exchange{id: "c0", url: "http://www.a.example/robots.txt", body: "User-agent: *\nDisallow: /private\n"}
	add(robots, &stream.Outcome{URL: robots.url, Fate: stream.FateCaptured, Kind: stream.KindRobots, Status: 200, CaptureID: "c0",
		Bytes: 120, Tries: 1, Time: epoch, Robots: &stream.Robots{State: stream.RobotsRules, Rules: []byte("secret"), Expires: epoch}}, nil)
	page := exchange{id: "c1", url: "http://www.a.example/story?b=2&a=1", body: "<h1>Story</h1>", due: true, at: time.Second}
	art := makeArticle(page)
	art.Collection, art.Job, art.Run = "elsewhere", "", 0
	add(page, outcomeOf(page), &stream.Result{CaptureID: "c1", Kind: stream.ResultArticle, Article: art})
	copied := exchange{id: "c2", url: "http://www.a.example/print", body: page.body, due: true, at: 2 * time.Second}
	add(copied, outcomeOf(copied), &stream.Result{CaptureID: "c2", Kind: stream.ResultNone})
	gone := exchange{id: "c3", url: "http://www.a.example/gone", status: 404, body: "gone", at: 3 * time.Second}
	add(gone, outcomeOf(gone), nil)
	fresh := exchange{id: "c4", url: page.url, status: 304, at: time.Hour}
	add(fresh, outcomeOf(fresh), nil)

	var fates bytes.Buffer
	w := stream.NewFateWriter(&fates)
	for _, f := range []stream.FateLine{
		{URL: robots.url, Fate: stream.FateCaptured, Kind: stream.KindRobots, Status: 200, How: capture.ByRobots},
		{URL: page.url, Fate: stream.FateCaptured, Kind: stream.KindPage, Status: 200, How: capture.BySeed, Found: epoch.UnixMilli()},
		{URL: copied.url, Fate: stream.FateCaptured, Kind: stream.KindPage, Status: 200, How: capture.ByLink, Depth: 1, Via: page.url},
		{URL: gone.url, Fate: stream.FateCaptured, Kind: stream.KindPage, Status: 404, How: capture.ByLink, Depth: 1, Via: page.url},
		{URL: "http://www.a.example/private", Fate: stream.FateSkipped, Reason: stream.SkipRobots, How: capture.ByLink, Depth: 1},
	} {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var lines stream.Lines
	lines.Retry(&stream.Retry{URL: gone.url, Reason: stream.FailTimeout, Tries: 1, NotBefore: epoch, Time: epoch})
	lines.Idle(&stream.Idle{Inline: fates.Bytes(), Counts: stream.Counts{Discovered: 5, Captured: 4,
		Skipped: map[string]int64{stream.SkipRobots: 1}, Outside: 2, Bytes: 700}})
	log.add(stream.ClassLog, 3, nil, lines.Bytes())
	log.control(stream.Control{Type: stream.ControlEnd, Time: epoch.Add(2 * time.Hour)})

	attempts := 0
	a := newArchiver(log, store, Settings{Collection: "news", Job: "job", Run: 1, JobHash: "0af1", Software: "newsreel/1.2",
		Document: json.RawMessage(`{"name": "job", "seeds": {"urls": ["http://www.a.example/"]}}`), RobotsPolicy: "obey",
		Contact: "mailto:crawl@example.org", Dedup: true, ExtractEnabled: true, SpoolDir: t.TempDir(), Purge: true,
		Now:     func() time.Time { return epoch.Add(3 * time.Hour) },
		Attempt: func() string { attempts++; return fmt.Sprint("try", attempts) }})
	if err := a.Run(deadline(t)); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestObjectsLookAsTheyAlwaysDid(t *testing.T) {
	store := fixedRun(t)
	var out bytes.Buffer
	list, _ := store.get("news/segments/job-1-000000000001.json")
	var m archive.Manifest
	if err := json.Unmarshal(list, &m); err != nil {
		t.Fatal(err)
	}
	shown := m
	shown.Objects, shown.SHA256 = slices.Clone(m.Objects), ""
	for i := range shown.Objects {
		shown.Objects[i].Size, shown.Objects[i].SHA256 = 0, "" // the compressor's doing
	}
	section := func(title string, v any) {
		fmt.Fprintf(&out, "== %s\n", title)
		switch v := v.(type) {
		case string:
			out.WriteString(v)
		default:
			text, err := json.MarshalIndent(v, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s\n", text)
		}
	}
	section("manifest", shown)
	file, _ := store.get(m.Object(archive.ObjectWARC).Key)
	section("WARC heads, and the blocks of warcinfo and revisits", heads(t, file))
	index, _ := store.get(m.Object(archive.ObjectCDXJ).Key)
	section("CDXJ", string(index))
	log, _ := store.get(m.Object(archive.ObjectLog).Key)
	zip, err := gzip.NewReader(bytes.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	section("crawl log", string(plain))
	arc := archive.New(store, "")
	for row, err := range arc.SegmentCaptures(t.Context(), &m) {
		if err != nil {
			t.Fatal(err)
		}
		section("capture", row)
	}
	for row, err := range arc.SegmentArticles(t.Context(), &m) {
		if err != nil {
			t.Fatal(err)
		}
		section("article", row)
	}
	for row, err := range arc.Ledger(t.Context(), "news", "job", 1) {
		if err != nil {
			t.Fatal(err)
		}
		section("ledger", row)
	}
	record, _ := store.get("news/jobs/job/1.json")
	var r archive.RunRecord
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatal(err)
	}
	blank := strings.NewReplacer(r.SHA256, "", r.Ledger.SHA256, "", fmt.Sprintf(`"size": %d`, r.Ledger.Size), `"size": 0`)
	section("run", blank.Replace(string(record))+"\n")

	golden := filepath.Join(shared.testdata, "objects.golden")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("objects differ (go test -update rewrites them):\n%s", diff)
	}
}

// heads are the heads of the records of a WARC, and some of their blocks.
func heads(t *testing.T, file []byte) string {
	var out strings.Builder
	r := warc.NewReader(bytes.NewReader(file))
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range rec.Header {
			fmt.Fprintf(&out, "%s: %s\n", f.Name, f.Value)
		}
		block, err := rec.ReadBlock(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		if typ := rec.Type(); typ == warc.TypeWarcinfo || typ == warc.TypeRevisit {
			fmt.Fprintf(&out, "| %s\n", strings.ReplaceAll(strings.TrimSpace(string(block)), "\r\n", "\n| "))
		}
		out.WriteString("\n")
	}
}
