package archiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/stream"
	"newsreel/warc"
)

// script is a run that is being crawled and extracted while archivers come
// and go.
type script struct {
	t     *testing.T
	rng   *rand.Rand
	log   *memoryLog
	store *memoryStore
	enc   *warc.Encoder

	captures []exchange
	articles []string // ids of captures that an article is expected of
	waiting  []exchange
	lines    int64
}

// play stores the messages of a run, with pauses.
func (s *script) play() {
	n := 10 + s.rng.IntN(50)
	for i := range n {
		s.pause()
		switch k := s.rng.IntN(10); {
		case k < 5:
			s.capture(i)
		case k < 6:
			s.log.add(stream.ClassIn, 1, nil, []byte("d"))
		case k < 7:
			s.log.add(stream.ClassOwn, 1, nil, []byte(`{}`))
		case k < 8:
			s.log.control(stream.Control{Type: stream.ControlPause})
		default:
			s.result()
		}
	}
	s.idle()
	s.log.control(stream.Control{Type: stream.ControlEnd, Time: epoch.Add(time.Hour)})
	for len(s.waiting) > 0 {
		s.pause()
		s.result()
	}
}

// pause waits now and then until an archiver reads, or none seems to.
func (s *script) pause() {
	if s.rng.IntN(2) == 0 {
		return
	}
	select {
	case <-s.log.read:
	case <-time.After(time.Duration(s.rng.IntN(8)) * time.Millisecond):
	}
}

func (s *script) capture(i int) {
	x := exchange{id: fmt.Sprintf("c%03d", i), url: fmt.Sprintf("http://a.example/%d", s.rng.IntN(12)),
		body: strings.Repeat(fmt.Sprint(s.rng.IntN(20)), 1+s.rng.IntN(2000)), due: s.rng.IntN(2) == 0,
		at: time.Duration(i) * time.Second}
	switch s.rng.IntN(8) {
	case 0:
		x.body = ""
	case 1:
		x.body, x.status, x.due = "", 304, false
	case 2, 3:
		x.body = "the same page again and again"
	}
	c := makeCapture(s.t, s.enc, x)
	if s.rng.IntN(6) == 0 {
		c.Staged = stream.StagedKey(s.log.Name(), x.id, "1")
		s.store.Put(context.Background(), c.Staged, bytes.NewReader(c.Fragment), int64(len(c.Fragment)), putOptions)
		c.Fragment = nil
	}
	s.log.capture(c)
	var lines stream.Lines
	lines.Outcome(outcomeOf(x))
	s.lines++
	if s.rng.IntN(3) == 0 {
		lines.Retry(&stream.Retry{URL: x.url, Reason: stream.FailTimeout, Tries: 1})
		s.lines++
	}
	s.log.add(stream.ClassLog, 0, nil, lines.Bytes())
	s.captures = append(s.captures, x)
	if x.due {
		s.waiting = append(s.waiting, x)
	}
}

// result stores the result of a capture that has none, or one more of one that
// has.
func (s *script) result() {
	if len(s.waiting) == 0 {
		return
	}
	i := s.rng.IntN(len(s.waiting))
	x := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	r := &stream.Result{CaptureID: x.id, Kind: stream.ResultArticle, Article: makeArticle(x)}
	switch s.rng.IntN(5) {
	case 0:
		r = &stream.Result{CaptureID: x.id, Kind: stream.ResultNone}
	case 1:
		r = &stream.Result{CaptureID: x.id, Kind: stream.ResultFailed, Error: "died"}
	default:
		s.articles = append(s.articles, x.id)
	}
	for range 1 + s.rng.IntN(2) {
		s.log.result(r)
		r = &stream.Result{CaptureID: x.id, Kind: stream.ResultArticle, Article: makeArticle(x)} // too late
	}
}

func (s *script) idle() {
	var fates bytes.Buffer
	w := stream.NewFateWriter(&fates)
	urls := map[string]bool{}
	for _, x := range s.captures {
		urls[x.url] = true
	}
	for url := range maps.Keys(urls) {
		w.Write(&stream.FateLine{URL: url, Fate: stream.FateCaptured, How: capture.BySeed})
	}
	w.Close()
	var lines stream.Lines
	n := int64(len(urls))
	lines.Idle(&stream.Idle{Inline: fates.Bytes(), Counts: stream.Counts{Discovered: n, Captured: n}})
	s.log.add(stream.ClassLog, 0, nil, lines.Bytes())
	s.lines++
}

// process is one archiver from its start to its crash or the run's end.
func (s *script) process(left int, seed uint64) error {
	ctx, cancel := context.WithCancel(context.Background())
	tr := &trouble{rng: rand.New(rand.NewPCG(seed, 1)), left: left, kill: cancel}
	rng := rand.New(rand.NewPCG(seed, 2))
	a := newArchiver(troubledLog{s.log, tr}, troubled{s.store, tr}, Settings{
		Collection: "col", Job: "job", Run: 1, Software: "newsreel/test", Dedup: true, ExtractEnabled: true,
		SpoolDir: s.t.TempDir(), Purge: true, SegmentSize: 1000 + rng.Int64N(6000),
		SegmentAge: time.Millisecond + time.Duration(rng.Int64N(int64(50*time.Millisecond)))})
	a.pauses = pauses{tick: time.Millisecond, quiet: time.Millisecond, alone: 20 * time.Millisecond,
		cancel: time.Second, stop: time.Second, retry: 100 * time.Microsecond, maxRetry: 2 * time.Millisecond}
	var sealer sync.WaitGroup
	sealer.Go(func() {
		for ctx.Err() == nil {
			select {
			case <-time.After(time.Duration(rng.IntN(40)) * time.Millisecond):
				a.Seal()
				// The crawler's owner of a partition does so.
				s.log.Purge(ctx, stream.ClassLog, -1, a.Committed())
			case <-ctx.Done():
			}
		}
	})
	defer sealer.Wait()
	defer cancel()
	return a.Run(ctx)
}

func TestNothingIsLostAndNothingTwiceWhateverHappens(t *testing.T) {
	rounds := uint64(24)
	if testing.Short() {
		rounds = 6
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chaos(t, seed)
		})
	}
}

func chaos(t *testing.T, seed uint64) {
	s := &script{t: t, rng: rand.New(rand.NewPCG(seed, 0)), log: newMemoryLog(), store: newMemoryStore(),
		enc: warc.NewEncoder(warc.DefaultLevel)}
	s.log.add(stream.ClassOwn, 0, nil, []byte(`{}`))
	var wg sync.WaitGroup
	wg.Go(s.play)
	for archivers := range 1 + seed%2 {
		rng := rand.New(rand.NewPCG(seed, 100+archivers))
		wg.Go(func() {
			for try := 0; ; try++ {
				left := 1 + rng.IntN(60)
				if try > 12 {
					left = -1 // no more crashes
				}
				err := s.process(left, rng.Uint64())
				if err == nil {
					return
				}
				if !errors.Is(err, errKilled) && !errors.Is(err, context.Canceled) && !errors.Is(err, errAway) {
					t.Errorf("archiver: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	s.check()
}

// check compares what is archived with what was crawled and extracted.
func (s *script) check() {
	t, ctx := s.t, context.Background()
	arc := archive.New(s.store, "")
	report, err := arc.Verify(ctx, "col", nil)
	if err != nil || !report.OK() || report.Runs != 1 {
		t.Errorf("verify: %v %+v", err, report)
	}
	urls := map[string]bool{}
	for _, x := range s.captures {
		urls[x.url] = true
	}
	if r, err := arc.ReadRun(ctx, "col", "job", 1); err != nil || r.Summary.Discovered != int64(len(urls)) {
		t.Errorf("record of the run: %+v, %v", r, err)
	}
	var ids, revisitsOf []string
	responses := map[string]bool{}
	articles := map[string]int{}
	var lines int64
	for m, err := range arc.Manifests(ctx, "col") {
		if err != nil {
			t.Fatal(err)
		}
		lines += m.Counts.LogLines - m.Counts.ExtractFailed // dead letters have lines too
		for row, err := range arc.SegmentCaptures(ctx, m) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, row.CaptureID)
			if row.RevisitOf != "" {
				revisitsOf = append(revisitsOf, row.RevisitOf)
			} else {
				responses[row.CaptureID] = true
			}
		}
		for row, err := range arc.SegmentArticles(ctx, m) {
			if err != nil {
				t.Fatal(err)
			}
			articles[row.CaptureID]++
		}
	}
	var want []string
	for _, x := range s.captures {
		want = append(want, x.id)
	}
	slices.Sort(ids)
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("captures differ:\n%s", diff)
	}
	for _, id := range revisitsOf {
		if !responses[id] {
			t.Errorf("a revisit refers to %s, which is no response", id)
		}
	}
	slices.Sort(s.articles)
	if diff := cmp.Diff(s.articles, slices.Sorted(maps.Keys(articles))); diff != "" {
		t.Errorf("articles differ:\n%s", diff)
	}
	for id, n := range articles {
		if n != 1 {
			t.Errorf("article of %s is stored %d times", id, n)
		}
	}
	if lines != s.lines {
		t.Errorf("%d log lines of %d", lines, s.lines)
	}
	if !s.log.deleted {
		t.Error("the run log is left")
	}
	if _, err := Sweep(ctx, s.store, &someStreams{}); err != nil {
		t.Error(err)
	}
	objects := 2 // record and ledger
	for m, err := range arc.Manifests(ctx, "col") {
		if err != nil {
			t.Fatal(err)
		}
		objects += 1 + len(m.Objects)
	}
	if len(s.store.objects) != objects {
		t.Errorf("%d objects where manifests name %d: %v", len(s.store.objects), objects,
			slices.Sorted(maps.Keys(s.store.objects)))
	}
	for key := range s.store.objects {
		if strings.HasPrefix(key, "staging/") {
			t.Errorf("left: %s", key)
		}
	}
}
