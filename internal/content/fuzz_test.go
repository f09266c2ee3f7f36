package content

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"
	"unicode/utf8"
)

// FuzzDecode holds for any bytes and coding: no panic, no more output than the
// limits allow, and text that is UTF-8.
func FuzzDecode(f *testing.F) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte("<html>hello</html>"))
	w.Close()
	f.Add(packed.Bytes(), "gzip")
	f.Add([]byte("<html>hello</html>"), "br")
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00hello"), "zstd")
	f.Add([]byte("x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15"), "deflate")
	limits := Limits{Max: 100_000, Decompressed: 200_000, Ratio: 50}
	pools := &Pools{}
	f.Fuzz(func(t *testing.T, b []byte, coding string) {
		open := func() io.Reader { return bytes.NewReader(b) }
		body := Decode(open, int64(len(b)), []string{coding, "gzip"}, limits, pools, nil)
		if len(body.Bytes) > 100_000 {
			t.Fatalf("%d bytes", len(body.Bytes))
		}
		body = Decode(open, int64(len(b)), []string{coding}, limits, pools, nil)
		if len(body.Bytes) > 100_000 {
			t.Fatalf("%d bytes", len(body.Bytes))
		}
		media := Sniff(coding, body.Bytes)
		enc, name := Charset(body.Bytes, coding, media)
		if name == "" || enc == nil && !utf8.Valid(body.Bytes) {
			t.Fatalf("charset %q", name)
		}
		if enc == nil {
			return
		}
		if text, _ := ToUTF8(nil, body.Bytes, enc, limits); !utf8.Valid(text) {
			t.Fatalf("not UTF-8 from %s: %q", name, text)
		}
	})
}
