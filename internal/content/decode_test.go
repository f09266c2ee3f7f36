package content

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func pack(t testing.TB, coding string, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "deflate":
		w, _ = flate.NewWriter(&b, flate.BestSpeed)
	case "br":
		w = brotli.NewWriterLevel(&b, 3)
	case "zstd":
		w, _ = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(entity []byte, limits Limits, codings ...string) Body {
	return Decode(func() io.Reader { return bytes.NewReader(entity) }, int64(len(entity)), codings, limits, nil, nil)
}

// text is not so regular that it packs beyond all measure.
func text(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("paragraph ", i%3) + string(rune('a'+i*i%26)) + "\n")
	}
	return b.Bytes()[:n]
}

func TestCodingsCutAtEveryOffsetKeepWhatCameBefore(t *testing.T) {
	body := text(3000)
	for _, c := range []struct{ coding, field string }{{"gzip", "gzip"}, {"zlib", "deflate"}, {"deflate", "deflate"}, {"br", "br"}, {"zstd", "zstd"}} {
		packed := pack(t, c.coding, body)
		longest := 0
		for n := 12; n < len(packed); n++ {
			got := decode(packed[:n], Limits{}, c.field)
			lied := slices.Contains(got.Notes, NoteLie)
			if !lied && (!bytes.HasPrefix(body, got.Bytes) || got.Err == nil && len(got.Bytes) < len(body)) {
				t.Fatalf("%s cut at %d: %d bytes, %v", c.coding, n, len(got.Bytes), got.Err)
			}
			longest = max(longest, len(got.Bytes))
		}
		if c.coding != "zstd" && longest < 500 {
			t.Errorf("%s: never more than %d bytes of a cut body", c.coding, longest)
		}
		if got := decode(packed, Limits{}, c.field); !bytes.Equal(got.Bytes, body) || got.Err != nil || !slices.Equal(got.Codings, []string{c.field}) {
			t.Errorf("%s whole: %d bytes, %v", c.coding, len(got.Bytes), got.Err)
		}
	}
}

func TestDecodingStopsAtEachLimitByItsName(t *testing.T) {
	body := bytes.Repeat([]byte("x"), 5<<20)
	packed := pack(t, "gzip", body)
	for _, c := range []struct {
		limits Limits
		limit  string
		length int
	}{
		{Limits{}, "", 5 << 20},
		{Limits{Max: 5 << 20, Decompressed: 5 << 20, Ratio: 2000}, "", 5 << 20},
		{Limits{Max: 1000}, LimitView, 1000},
		{Limits{Decompressed: 2 << 20}, LimitDecompressed, 2 << 20},
		{Limits{Ratio: 300}, LimitRatio, 300 * len(packed)},
		{Limits{Ratio: 1}, LimitRatio, 1 << 20},
		{Limits{Max: 3 << 20, Decompressed: 2 << 20, Ratio: 1}, LimitRatio, 1 << 20},
		{Limits{Memory: &account{left: 0}}, LimitMemory, 1 << 20},
		{Limits{Memory: &account{left: 3 << 20}}, LimitMemory, 4 << 20},
	} {
		got := decode(packed, c.limits, "gzip")
		if got.Limit != c.limit || len(got.Bytes) != c.length || got.Err != nil {
			t.Errorf("%+v: %q at %d, %v; want %q at %d", c.limits, got.Limit, len(got.Bytes), got.Err, c.limit, c.length)
		}
	}
	if got := decode(body, Limits{Ratio: 1}, "identity"); got.Limit != "" {
		t.Errorf("ratio of a body without coding: %q", got.Limit)
	}
}

type account struct{ left, lowest int64 }

func (a *account) Reserve(n int64) bool {
	if n > a.left {
		return false
	}
	a.left -= n
	return true
}

func (a *account) Release(n int64) { a.left += n }

func TestDecodersWithLargeWindowsAskForMemory(t *testing.T) {
	body := text(5000)
	for _, coding := range []string{"br", "zstd"} {
		packed := pack(t, coding, body)
		poor, rich := &account{left: 1 << 20}, &account{left: 20 << 20}
		if got := decode(packed, Limits{Memory: poor}, coding); got.Limit != LimitMemory || !bytes.Equal(got.Bytes, packed) {
			t.Errorf("%s: %q, %d bytes", coding, got.Limit, len(got.Bytes))
		}
		if got := decode(packed, Limits{Memory: rich}, coding); got.Limit != "" || !bytes.Equal(got.Bytes, body) {
			t.Errorf("%s: %q, %d bytes", coding, got.Limit, len(got.Bytes))
		}
		if poor.left != 1<<20 || rich.left != 20<<20 {
			t.Errorf("%s: memory not given back", coding)
		}
	}
}

func TestStackedCodingsAreBounded(t *testing.T) {
	body := text(500)
	packed := body
	for range 4 {
		packed = pack(t, "gzip", packed)
	}
	if got := decode(packed, Limits{}, "gzip", "gzip", "gzip", "gzip"); !bytes.Equal(got.Bytes, body) || got.Err != nil {
		t.Errorf("four: %d bytes, %v", len(got.Bytes), got.Err)
	}
	if got := decode(packed, Limits{}, "gzip", "gzip", "gzip", "gzip", "gzip"); !errors.Is(got.Err, ErrCodings) || !bytes.Equal(got.Bytes, packed) {
		t.Errorf("five: %d bytes, %v", len(got.Bytes), got.Err)
	}
}

func TestPooledDecodersDoNotMixBodiesUp(t *testing.T) {
	pools := &Pools{}
	for i := range 200 {
		body := text(1000 + i*37)
		coding := []string{"gzip", "deflate", "br", "zstd"}[i%4]
		packed := pack(t, coding, body)
		if i%5 == 0 {
			packed = packed[:len(packed)/2] // leaves a decoder in the middle of a body
		}
		got := Decode(func() io.Reader { return bytes.NewReader(packed) }, int64(len(packed)), []string{coding}, Limits{}, pools, nil)
		if i%5 == 0 {
			continue
		}
		if !bytes.Equal(got.Bytes, body) || got.Err != nil {
			t.Fatalf("%d, %s: %d bytes, %v", i, coding, len(got.Bytes), got.Err)
		}
	}
}
