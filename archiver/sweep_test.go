package archiver

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/internal/objstore"
)

type someStreams []string

func (s *someStreams) Names(context.Context) ([]string, error) { return slices.Clone(*s), nil }

func (s *someStreams) Delete(_ context.Context, name string) error {
	*s = slices.DeleteFunc(*s, func(n string) bool { return n == name })
	return nil
}

func TestSweepRemovesWhatNobodyCanNameAnyMore(t *testing.T) {
	ctx := context.Background()
	store := newMemoryStore()
	put := func(key, body string) {
		if err := store.Put(ctx, key, bytes.NewReader([]byte(body)), int64(len(body)), objstore.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	manifest := func(job string, end bool) {
		segment := archive.SegmentName(job, 1, 1)
		named := archive.ObjectKey("col", segment, "won", archive.ObjectWARC)
		put(named, "w")
		body := `{"format":1,"job":"` + job + `","run":1,"first":1,"last":100,"objects":[{"kind":"warc","key":"` + named + `"}]`
		if end {
			body += `,"end":true`
		}
		put(archive.ManifestKey("col", segment), body+"}")
	}
	manifest("open", false)
	manifest("done", true)
	lost := []string{
		archive.ObjectKey("col", archive.SegmentName("open", 1, 1), "lost", archive.ObjectWARC),
		archive.ObjectKey("col", archive.SegmentName("open", 1, 60), "lost", archive.ObjectLog),
		archive.ObjectKey("col", archive.SegmentName("done", 1, 101), "lost", archive.ObjectCDXJ),
		"staging/J_done_1/c1-1",
	}
	kept := []string{
		archive.ObjectKey("col", archive.SegmentName("open", 1, 101), "flying", archive.ObjectWARC),
		archive.ObjectKey("col", archive.SegmentName("new", 1, 1), "flying", archive.ObjectCaptures),
		archive.ObjectKey("col", archive.SegmentName("open-1", 1, 1), "flying", archive.ObjectArticles),
		"col/warc/notes.txt",
		"staging/J_open_1/c1-1",
	}
	for _, key := range append(lost, kept...) {
		put(key, "xx")
	}
	put("col/jobs/done/1.json", `{"stream":"J_done_1","summary":{"job":"done","run":1}}`)
	streams := &someStreams{"J_open_1", "J_done_1"}
	report, err := Sweep(ctx, store, streams)
	if err != nil {
		t.Fatal(err)
	}
	want := SweepReport{Attempts: 3, Staged: 1, Bytes: 8, Streams: 1, Kept: 4}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report differs:\n%s", diff)
	}
	for _, key := range lost {
		if _, err := store.get(key); err == nil {
			t.Errorf("still there: %s", key)
		}
	}
	for _, key := range kept {
		if _, err := store.get(key); err != nil {
			t.Errorf("gone: %s", key)
		}
	}
	if diff := cmp.Diff(someStreams{"J_open_1"}, *streams); diff != "" {
		t.Errorf("streams differ:\n%s", diff)
	}
}
