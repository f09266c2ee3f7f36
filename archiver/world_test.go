package archiver

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/datadir"
	"newsreel/internal/objstore"
	"newsreel/stream"
	"newsreel/warc"
)

// servers are the embedded NATS and S3 that the tests of this package share:
// there is one S3 server to a process.
type servers struct {
	nc    *nats.Conn
	store *objstore.Store
	// testdata is absolute: the S3 server changes the working directory.
	testdata string
}

var shared servers

func TestMain(m *testing.M) { os.Exit(withServers(m)) }

func withServers(m *testing.M) int {
	dir, err := os.MkdirTemp("", "archiver-test-*")
	if err != nil {
		panic(err)
	}
	if shared.testdata, err = filepath.Abs("testdata"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	folder, err := datadir.Open(dir, datadir.Purpose{Command: "test", Roles: true}, 0)
	if err != nil {
		panic(err)
	}
	defer folder.Close()
	if shared.nc, err = folder.NATS(); err != nil {
		panic(err)
	}
	if shared.store, err = folder.Store(); err != nil {
		panic(err)
	}
	return m.Run()
}

// run is a run of a job in the tests: its log, one claimed partition, and what
// was put into it.
type run struct {
	t     testing.TB
	log   *stream.Log
	claim stream.Claim
	enc   *warc.Encoder
	s     Settings
	put   []exchange
}

const partition = 7

func newRun(t testing.TB, job string, number int) *run {
	t.Helper()
	ctx := context.Background()
	config := stream.Config{Job: job, Run: number, MaxBytes: 256 << 20}
	log, err := stream.Create(ctx, shared.nc, config)
	// The server takes its time to remove the files of a stream of this name
	// that was deleted just before.
	for waited := deadline(t); err != nil; log, err = stream.Create(ctx, shared.nc, config) {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-waited.Done():
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { log.Delete(ctx) })
	claim, err := log.Claim(ctx, partition, "crawler", 0, epoch)
	if err != nil {
		t.Fatal(err)
	}
	return &run{t: t, log: log, claim: claim, enc: warc.NewEncoder(warc.DefaultLevel), s: Settings{
		Collection: job, Job: job, Run: number, JobHash: "h", Software: "newsreel/test",
		Document: []byte(`{"name": "x"}`), RobotsPolicy: "obey", Contact: "mailto:a@example.org",
		Dedup: true, ExtractEnabled: true, SpoolDir: t.TempDir(), Purge: true}}
}

// crawl stores captures and their outcomes, as one atomic batch.
func (r *run) crawl(xs ...exchange) {
	r.t.Helper()
	b := r.log.NewBatch()
	var lines stream.Lines
	for _, x := range xs {
		c := makeCapture(r.t, r.enc, x)
		if len(c.Fragment) > stream.MaxInline {
			c.Staged = stream.StagedKey(r.log.Name(), x.id, "1")
			r.must(shared.store.Put(context.Background(), c.Staged, bytes.NewReader(c.Fragment),
				int64(len(c.Fragment)), objstore.PutOptions{}))
			c.Fragment = nil
		}
		r.must(b.Capture(r.claim, c))
		lines.Outcome(outcomeOf(x))
	}
	b.Log(r.claim, &lines)
	r.must(r.log.Commit(context.Background(), b))
	r.put = append(r.put, xs...)
}

// extract stores results for the captures that one is due for.
func (r *run) extract(xs ...exchange) {
	r.t.Helper()
	for _, x := range xs {
		if x.due {
			r.must(r.log.Result(context.Background(), &stream.Result{CaptureID: x.id, Partition: partition,
				Kind: stream.ResultArticle, Article: makeArticle(x)}))
		}
	}
}

// end stores an idle mark with the fates of all that was put, and the end.
func (r *run) end() {
	r.t.Helper()
	var fates bytes.Buffer
	w := stream.NewFateWriter(&fates)
	counts := stream.Counts{}
	seen := map[string]bool{}
	for _, x := range r.put {
		counts.Bytes += int64(len(x.body)) + 90
		counts.Captures++
		if seen[x.url] {
			continue
		}
		seen[x.url] = true
		counts.Discovered++
		counts.Captured++
		r.must(w.Write(&stream.FateLine{URL: x.url, Fate: stream.FateCaptured, Kind: stream.KindPage, Status: 200,
			How: capture.BySeed, Tries: 1, Found: epoch.UnixMilli()}))
	}
	r.must(w.Close())
	var lines stream.Lines
	lines.Idle(&stream.Idle{Inline: fates.Bytes(), Counts: counts})
	b := r.log.NewBatch()
	b.Log(r.claim, &lines)
	ctx := context.Background()
	r.must(r.log.Commit(ctx, b))
	last, err := r.log.LastOf(ctx, stream.ClassControl)
	r.must(err)
	_, err = r.log.End(ctx, last[-1], epoch.Add(time.Hour))
	r.must(err)
}

func (r *run) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// manifests returns what is committed of the run.
func (r *run) manifests() []*archive.Manifest {
	r.t.Helper()
	var ms []*archive.Manifest
	arc := archive.New(shared.store, "")
	for m, err := range arc.RunManifests(context.Background(), r.s.Collection, r.s.Job, r.s.Run) {
		r.must(err)
		ms = append(ms, m)
	}
	return ms
}

// deadline is a context that ends before the test does.
func deadline(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}
