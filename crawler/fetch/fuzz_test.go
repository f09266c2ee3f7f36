package fetch

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"newsreel/crawler/fetch/torture"
)

func fuzzClient(f *testing.F) *Client {
	settings := testSettings(f)
	settings.Limits.Body, settings.Limits.Head = 64<<10, 32<<10
	settings.Limits.View, settings.Limits.Decompressed = 256<<10, 512<<10
	return newTestClient(f, settings)
}

func seed(f *testing.F) {
	for _, c := range torture.Cases() {
		if len(c.Sent) < 4096 {
			f.Add(c.Sent)
		}
	}
}

// FuzzExchange holds for any bytes: nothing panics, what is recorded is what
// came, and whatever net/http understands is understood the same way.
func FuzzExchange(f *testing.F) {
	seed(f)
	client := fuzzClient(f)
	f.Fuzz(func(t *testing.T, sent []byte) {
		ex, err := client.Replay("http://example.test/", sent)
		theirs, theirBody, accepted := netHTTP(sent)
		if err != nil {
			if accepted && len(theirBody) > 0 && theirs.StatusCode >= 200 {
				t.Fatalf("net/http reads %d bytes of body, here %v", len(theirBody), err)
			}
			return
		}
		defer ex.Close()
		recorded, _ := ex.Response.Bytes()
		all := slices.Concat(bytes.Join(ex.Interim, nil), recorded, ex.Excess)
		if !bytes.HasPrefix(sent, all) && ex.Limit == "" {
			t.Fatalf("recorded %q of %q", all, sent)
		}
		payload, err := io.ReadAll(ex.Payload())
		if err != nil || int64(len(payload)) != ex.PayloadLen() {
			t.Fatalf("payload of %d, said %d: %v", len(payload), ex.PayloadLen(), err)
		}
		ex.View()
		if accepted && alike(theirs, ex) && !bytes.Equal(payload, theirBody) {
			t.Fatalf("payload %q, net/http has %q (%q, %q)", payload, theirBody, ex.Notes, ex.Truncated)
		}
		if accepted && alike(theirs, ex) && theirs.StatusCode != ex.Status {
			t.Fatalf("status %d, net/http has %d", ex.Status, theirs.StatusCode)
		}
	})
}

func netHTTP(sent []byte) (*http.Response, []byte, bool) {
	request, _ := http.NewRequest("GET", "http://example.test/", nil)
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(sent)), request)
	if err != nil {
		return nil, nil, false
	}
	body, err := io.ReadAll(response.Body)
	return response, body, err == nil
}

// alike leaves out where the two differ on purpose: interim heads that
// net/http gives one by one, codes that it takes as they are, names that it
// leaves a space in, and limits.
func alike(theirs *http.Response, ex *Exchange) bool {
	return theirs.StatusCode >= 200 && theirs.StatusCode < 1000 && theirs.StatusCode != 205 &&
		ex.Limit == "" && len(ex.Interim) == 0 && !slices.Contains(ex.Notes, noteNoStatus) &&
		!slices.Contains(ex.Notes, noteSpaceColon)
}

// FuzzHead holds for any bytes: a head ends where it ends in any portions.
func FuzzHead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var whole headScan
		want := whole.find(b)
		var parts headScan
		for n := range b {
			got := parts.find(b[:n+1])
			if got != 0 && got != want || got != 0 && n+1 != want {
				t.Fatalf("head of %d found at %d, want %d", got, n+1, want)
			}
			if got != 0 {
				break
			}
		}
		h := parseHead(b, min(whole.lead, len(b)))
		if h.status < 100 || h.status > 999 {
			t.Fatalf("status %d", h.status)
		}
		for _, field := range h.fields {
			if strings.ContainsAny(field.Name+field.Value, "\r\n") {
				t.Fatalf("field %q", field)
			}
		}
	})
}

// FuzzChunks holds for any bytes: the scanner gives the same data and the same
// end in any portions.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"), uint8(1))
	f.Add([]byte("5;a=b\nhello\n0\nX: 1\n\n"), uint8(3))
	f.Add([]byte("00005  \r\nhello\r\nzz"), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		whole, wholeEnd, wholeState := scanChunks(b, len(b))
		parts, partsEnd, partsState := scanChunks(b, int(size))
		if !bytes.Equal(whole, parts) || wholeEnd != partsEnd || wholeState != partsState {
			t.Fatalf("%q to %d (%d), in portions %q to %d (%d)", whole, wholeEnd, wholeState, parts, partsEnd, partsState)
		}
		read, err := io.ReadAll(newChunkReader(bytes.NewReader(b), 100, 200))
		if err != nil || !bytes.Equal(read, whole) {
			t.Fatalf("reader gives %q, %v; scanner %q", read, err, whole)
		}
	})
}

func scanChunks(b []byte, portion int) (data []byte, end int, state chunkState) {
	s := chunkScanner{maxLine: 100, maxTrailers: 200}
	for end < len(b) && s.state < chunkDone {
		p := b[end:min(len(b), end+max(portion, 1))]
		for len(p) > 0 && s.state < chunkDone {
			n, d := s.next(p)
			data = append(data, d...)
			p, end = p[n:], end+n
		}
	}
	return data, end, s.state
}
