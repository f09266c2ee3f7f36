package archiver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/stream"
)

// pages makes n due captures with bodies of their own.
func pages(n int) []exchange {
	xs := make([]exchange, n)
	for i := range xs {
		xs[i] = exchange{id: fmt.Sprintf("c%03d", i), url: fmt.Sprintf("http://a.example/%d", i), due: true,
			body: strings.Repeat(fmt.Sprintf("<p>Page %d.</p>", i), 50), at: 0}
	}
	return xs
}

func TestRunIsArchivedToItsEnd(t *testing.T) {
	r := newRun(t, "whole", 1)
	xs := pages(20)
	r.crawl(xs[:10]...)
	r.crawl(xs[10:]...)
	// The same payload at another URL, an empty one twice, a 304 of a page.
	r.crawl(
		exchange{id: "dup", url: "http://b.example/copy", body: xs[3].body, due: true},
		exchange{id: "e1", url: "http://b.example/e1"}, exchange{id: "e2", url: "http://b.example/e2"},
		exchange{id: "nm", url: xs[4].url, status: 304, at: 60e9},
		exchange{id: "big", url: "http://b.example/big", body: randomText(900 << 10), due: true},
		exchange{id: "big2", url: "http://b.example/big2", body: randomText(900 << 10)})
	r.extract(r.put...)
	r.end()
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))

	ms := r.manifests()
	if len(ms) != 1 || !ms[0].End {
		t.Fatalf("manifests: %+v", ms)
	}
	want := archive.Counts{Captures: 26, Responses: 23, Revisits: 3, Requests: 26, Articles: 22, Received: ms[0].Counts.Received, LogLines: 26}
	if diff := cmp.Diff(want, ms[0].Counts); diff != "" {
		t.Errorf("counts differ:\n%s", diff)
	}
	sum := a.Summary()
	if sum.State != StateFinished || sum.Captures != 26 || sum.Revisits != 3 || sum.Articles != 22 || sum.Discovered != 25 ||
		sum.Captured != 25 || sum.Segments != 1 || sum.Bytes == 0 {
		t.Errorf("summary: %+v", sum)
	}
	report, err := archive.New(shared.store, "").Verify(deadline(t), "whole", nil)
	r.must(err)
	if !report.OK() || report.Segments != 1 || report.Records != 53 || report.Runs != 1 || report.Entries != 26+26+22+25 {
		t.Errorf("verify: %+v", report)
	}
	if _, err := stream.Open(context.Background(), shared.nc, "whole", 1); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("the stream: %v", err)
	}
	for o, err := range shared.store.List(context.Background(), stream.StagingPrefix(r.log.Name()), "") {
		t.Errorf("left in staging: %v %v", o.Key, err)
	}
	// Done again it is the same.
	again, err := Finish(deadline(t), r.log, shared.store, r.s)
	r.must(err)
	if diff := cmp.Diff(sum, again); diff != "" {
		t.Errorf("summary differs when finished again:\n%s", diff)
	}
}

// randomText is text that does not compress much, the same for each length.
func randomText(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, n)
	state := uint64(n)
	for i := range b {
		state = state*6364136223846793005 + 1442695040888963407
		b[i] = letters[state>>58]
	}
	return string(b)
}
