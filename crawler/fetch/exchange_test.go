package fetch

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"newsreel/crawler/fetch/torture"
	"newsreel/internal/content"
)

func TestReplayGivesTheSameViewAsTheExchange(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	for _, c := range server.Cases() {
		if c.Slow || c.Error != "" || c.Truncated != "" {
			continue
		}
		ex, err := client.Do(t.Context(), get(server.URL(c.Path)))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		block, err := io.ReadAll(ex.Response.Reader())
		if err != nil {
			t.Fatal(err)
		}
		again, err := client.Replay(ex.URL, block)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		one, two := ex.View(), again.View()
		if !bytes.Equal(one.Body, two.Body) || one.MediaType != two.MediaType || one.Charset != two.Charset || one.Limit != two.Limit ||
			ex.Status != again.Status || !slices.Equal(ex.Fields, again.Fields) || ex.PayloadLen() != again.PayloadLen() {
			t.Errorf("%s: replayed as %d, %q, %d bytes", c.Name, again.Status, two.MediaType, len(two.Body))
		}
		ex.Close()
		again.Close()
	}
}

func TestFieldsKeepOrderCaseAndDuplicates(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	ex, err := client.Do(t.Context(), get(server.URL("/case/duplicate-and-odd-case-fields")))
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	want := []Field{{"content-TYPE", "text/html"}, {"X-A", "1"}, {"x-a", "2"}, {"X-A", "1"}}
	if !slices.Equal(ex.Fields[:4], want) || ex.Header("Content-Type") != "text/html" || ex.Header("x-A") != "1" || ex.Header("none") != "" {
		t.Errorf("%q", ex.Fields)
	}
	moved, err := client.Do(t.Context(), get(server.URL("/case/redirect-to-an-odd-place")))
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	if moved.Location() != "http://[bad/%zz space" {
		t.Errorf("location %q", moved.Location())
	}
}

func TestEachLimitIsCountedByItsName(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	for path, limit := range map[string]string{
		"/case/endless-body": "body", "/case/endless-head": "head", "/case/endless-chunk-extension": "chunk_line",
		"/case/gzip-bomb": "ratio", "/case/silent-for-ever": "first_byte", "/case/silent-in-the-body": "exchange",
	} {
		before := client.Counters()[limit]
		ex, err := client.Do(t.Context(), get(server.URL(path)))
		if err == nil {
			ex.View()
			ex.Close()
		}
		if n := client.Counters()[limit] - before; n != 1 {
			t.Errorf("%s: %s counted %d times", path, limit, n)
		}
	}
	ex, err := client.Do(t.Context(), get(server.URL("/case/gzip")))
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	if body := ex.Decode(content.Limits{Max: 100}); body.Limit != "view" || len(body.Bytes) != 100 {
		t.Errorf("%q at %d", body.Limit, len(body.Bytes))
	}
}
