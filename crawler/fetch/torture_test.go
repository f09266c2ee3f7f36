package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"newsreel/crawler/fetch/torture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testSettings allow loopback and keep the limits short enough to be reached.
func testSettings(t testing.TB) Settings {
	return Settings{
		SpillDir: t.TempDir(),
		Limits: Limits{
			Body: 3 << 20, FirstByte: 1500 * time.Millisecond, Exchange: 3 * time.Second,
			Ratio: 20, Decompressed: 64 << 20, View: 16 << 20,
		},
	}
}

func newTestClient(t testing.TB, settings Settings) *Client {
	t.Helper()
	client, err := NewClient(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if used := client.MemoryUsed(); used != 0 {
			t.Errorf("%d bytes of the memory budget never came back", used)
		}
	})
	return client
}

func get(url string) *Request {
	return &Request{URL: url, UserAgent: "newsreel-test", AllowPrivate: true}
}

func TestEveryHostileAnswerIsRecordedAsSent(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	if n := len(server.Cases()); n < 59 {
		t.Fatalf("%d cases", n)
	}
	for _, variant := range []string{"", "?pieces"} {
		t.Run("sent"+variant, func(t *testing.T) {
			client := newTestClient(t, testSettings(t))
			t.Run("group", func(t *testing.T) {
				for _, c := range server.Cases() {
					if variant != "" && (c.Slow || c.Drip > 0) {
						continue
					}
					t.Run(c.Name, func(t *testing.T) {
						t.Parallel()
						before := server.Requests(c.Path)
						ex, err := client.Do(t.Context(), get(server.URL(c.Path)+variant))
						checkCase(t, &c, ex, err, variant == "")
						checkRequests(t, server.Requests(c.Path)-before, ex, err)
					})
				}
			})
		})
	}
}

// checkRequests holds the server's count to what the client says it sent.
func checkRequests(t *testing.T, n int, ex *Exchange, err error) {
	t.Helper()
	want := 1
	var e *Error
	if ex != nil && ex.Resent || errors.As(err, &e) && e.Resent {
		want = 2
	}
	if n != want {
		t.Errorf("%d requests at the server, want %d", n, want)
	}
}

func checkCase(t *testing.T, c *torture.Case, ex *Exchange, err error, once bool) {
	t.Helper()
	if c.Error != "" {
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.Error {
			t.Fatalf("error %v, want reason %s", err, c.Error)
		}
		if want := c.Sent[c.Interim:]; c.End != torture.Endless && !bytes.Equal(e.Received, want[:min(len(want), maxReceived)]) {
			t.Errorf("received %q, sent %q", e.Received, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	recorded, err := io.ReadAll(ex.Response.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(recorded); err != nil {
		t.Error(err)
	}
	if interim := bytes.Join(ex.Interim, nil); !bytes.Equal(interim, c.Sent[:c.Interim]) {
		t.Errorf("interim %q", interim)
	}
	if !bytes.HasPrefix(c.Sent[len(c.Sent)-c.Excess:], ex.Excess) || once && c.Excess > 0 && len(ex.Excess) == 0 {
		t.Errorf("excess %q", ex.Excess)
	}
	if ex.Status != c.Status || ex.Truncated != c.Truncated {
		t.Errorf("status %d, truncated %q; want %d, %q", ex.Status, ex.Truncated, c.Status, c.Truncated)
	}
	if c.Note != "" && !slices.Contains(ex.Notes, c.Note) && (once || c.Excess == 0) {
		t.Errorf("notes %q lack %q", ex.Notes, c.Note)
	}
	if c.Clean && len(ex.Notes) > 0 {
		t.Errorf("notes %q on a clean answer", ex.Notes)
	}
	payload, err := io.ReadAll(ex.Payload())
	if err != nil || int64(len(payload)) != ex.PayloadLen() {
		t.Errorf("payload of %d bytes, said to be %d: %v", len(payload), ex.PayloadLen(), err)
	}
	checkView(t, c, ex.View())
}

func checkView(t *testing.T, c *torture.Case, view *View) {
	t.Helper()
	if c.Prefix {
		if !bytes.HasPrefix(view.RawBody, c.Body) {
			t.Errorf("body of %d bytes does not begin as it should", len(view.RawBody))
		}
	} else if !bytes.Equal(view.RawBody, c.Body) {
		t.Errorf("body of %d bytes, want %d: %.80q", len(view.RawBody), len(c.Body), view.RawBody)
	}
	if c.Text != nil && string(view.Body) != string(c.Text) {
		t.Errorf("text %q (%s), want %q", view.Body, view.Charset, c.Text)
	}
	if view.Limit != c.Limit {
		t.Errorf("limit %q, want %q", view.Limit, c.Limit)
	}
	if (view.DecodeError != "") != c.DecodeBad {
		t.Errorf("decode error %q", view.DecodeError)
	}
	if c.MediaType != "" && view.MediaType != c.MediaType {
		t.Errorf("media type %q, want %q", view.MediaType, c.MediaType)
	}
}

func TestRequestTargetGoesOutVerbatim(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	for _, c := range []struct{ url, line string }{
		{"/50%-off", "GET /50%-off HTTP/1.1"},
		{"/a|b^c?x={y}", "GET /a|b^c?x={y} HTTP/1.1"},
		{"/p?b=2&a=1#part", "GET /p?b=2&a=1 HTTP/1.1"},
		{"?q", "GET /?q HTTP/1.1"},
		{"", "GET / HTTP/1.1"},
		{"#part", "GET / HTTP/1.1"},
		{"/a//b/../c/%2e", "GET /a//b/../c/%2e HTTP/1.1"},
	} {
		ex, err := client.Do(t.Context(), get("http://user:secret@"+server.Addr+c.url))
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		line, rest, _ := strings.Cut(string(ex.RequestBytes), "\r\n")
		if line != c.line {
			t.Errorf("%s: %q", c.url, line)
		}
		if strings.Contains(rest, "secret") || strings.Contains(rest, "uthorization") || !strings.Contains(rest, "Host: "+server.Addr+"\r\n") {
			t.Errorf("%s: head %q", c.url, rest)
		}
		ex.Close()
	}
	for _, url := range []string{"/a b", "/a\r\nX: 1", "/a\x00", "/" + strings.Repeat("a", 9000)} {
		_, err := client.Do(t.Context(), get("http://"+server.Addr+url))
		var e *Error
		if !errors.As(err, &e) || e.Reason != ReasonURL || !e.Permanent() {
			t.Errorf("%.20q: %v", url, err)
		}
	}
}

func TestConnectionsServeAgainOnlyWhereFramingWasSure(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	for _, c := range server.Cases() {
		if c.Error != "" || c.End != torture.Keep || c.Slow {
			continue
		}
		client := newTestClient(t, testSettings(t))
		for range 2 {
			ex, err := client.Do(context.Background(), get(server.URL(c.Path)))
			if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
			ex.Close()
		}
		reused := client.Counters()["reused"] == 1
		want := c.Clean
		if reused != want && c.Name != "lower-case protocol" {
			t.Errorf("%s: reused %v, want %v", c.Name, reused, want)
		}
	}
}
