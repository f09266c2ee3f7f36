package warc

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestHTTPBlocksAreReadAsClientsDo(t *testing.T) {
	chunkedHead := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, c := range map[string]struct {
		block   string
		status  int
		text    string
		fields  string
		payload string
	}{
		"an ordinary response":                  {"HTTP/1.1 200 OK\r\nA: b\r\nC:d\r\n\r\nbody", 200, "OK", "A=b C=d", "body"},
		"line ends without CR":                  {"HTTP/1.1 404 Not Found\nA: b\n\nbody\r\n\r\n", 404, "Not Found", "A=b", "body\r\n\r\n"},
		"empty lines in front":                  {"\r\n\r\nHTTP/1.0 301 Moved\r\n\r\n", 301, "Moved", "", ""},
		"a head that never ends":                {"HTTP/1.1 200 OK\r\nA: b\r\nC: d", 200, "OK", "A=b C=d", ""},
		"no reason phrase":                      {"HTTP/1.1 204\r\n\r\n", 204, "", "", ""},
		"a status of words":                     {"HTTP/1.1 fine\r\n\r\nx", 0, "", "", "x"},
		"a status of four digits":               {"HTTP/1.1 2000 OK\r\n\r\nx", 0, "OK", "", "x"},
		"shoutcast":                             {"ICY 200 OK\r\n\r\nx", 200, "OK", "", "x"},
		"a folded field":                        {"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n  d\r\n\r\nx", 200, "OK", "A=b c d", "x"},
		"lines that are no fields":              {"HTTP/1.1 200 OK\r\nnonsense\r\n: empty\r\nA: b\r\n\r\nx", 200, "OK", "A=b", "x"},
		"repeated fields in their own case":     {"HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\n", 200, "OK", "set-cookie=a Set-Cookie=b", ""},
		"chunks":                                {chunkedHead + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n", 200, "OK", "Transfer-Encoding=chunked", "hello world"},
		"chunks with LF alone":                  {chunkedHead + "5\nhello\n0\n\n", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"chunk sizes with zeros and blanks":     {chunkedHead + "0005  \r\nhello\r\n000\r\n\r\n", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"a chunk cut short":                     {chunkedHead + "a\r\nhello", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"a chunk size that is none":             {chunkedHead + "5\r\nhello\r\nxyz\r\nmore", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"a chunk size beyond all bounds":        {chunkedHead + "1\r\nh\r\nffffffffffffffffffff\r\nmore", 200, "OK", "Transfer-Encoding=chunked", "h"},
		"no line end after a chunk":             {chunkedHead + "5\r\nhelloworld\r\n0\r\n\r\n", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"no last chunk":                         {chunkedHead + "5\r\nhello\r\n", 200, "OK", "Transfer-Encoding=chunked", "hello"},
		"bytes behind the last chunk":           {chunkedHead + "1\r\nh\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", 200, "OK", "Transfer-Encoding=chunked", "h"},
		"nothing but the last chunk":            {chunkedHead + "0\r\n\r\n", 200, "OK", "Transfer-Encoding=chunked", ""},
		"a body cut within its first size":      {chunkedHead + "1f", 200, "OK", "Transfer-Encoding=chunked", ""},
		"chunked, but the body is not":          {chunkedHead + "<html>", 200, "OK", "Transfer-Encoding=chunked", "<html>"},
		"chunked as one of several codings":     {"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 200, "OK", "transfer-encoding=gzip, Chunked", "x"},
		"chunked in the second of two fields":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 200, "OK", "Transfer-Encoding=gzip Transfer-Encoding=chunked", "x"},
		"another coding than chunked":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n1\r\nx\r\n0\r\n\r\n", 200, "OK", "Transfer-Encoding=identity", "1\r\nx\r\n0\r\n\r\n"},
		"content-encoding is kept":              {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", 200, "OK", "Content-Encoding=gzip", "\x1f\x8b"},
		"bytes outside of ASCII stay untouched": {"HTTP/1.1 200 \xff\r\nA: \xe9\r\n\r\n", 200, "\xff", "A=\xe9", ""},
	} {
		b, err := ParseHTTPBlock([]byte(c.block))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var fields []string
		for _, f := range b.Header {
			fields = append(fields, f.Name+"="+f.Value)
		}
		if got := strings.Join(fields, " "); b.Status != c.status || b.StatusText != c.text || got != c.fields {
			t.Errorf("%s: %d %q, %s", name, b.Status, b.StatusText, got)
		}
		if got := string(b.Payload([]byte(c.block))); got != c.payload {
			t.Errorf("%s: payload %q", name, got)
		}
	}
}

func TestRequestBlocksAreReadToo(t *testing.T) {
	b, err := ParseHTTPBlock([]byte("GET /a b?c HTTP/1.1\r\nHost: example.com\r\n\r\n"))
	if err != nil || b.Method != "GET" || b.RequestTarget != "/a b?c" || b.Proto != "HTTP/1.1" || b.Header.Get("host") != "example.com" {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestWhatIsNoMessageIsItsOwnPayload(t *testing.T) {
	for _, block := range []string{"", "<html>old</html>", "\r\n", "hello world again"} {
		b, err := ParseHTTPBlock([]byte(block))
		if !errors.Is(err, ErrNotHTTP) || string(b.Payload([]byte(block))) != block {
			t.Errorf("%q: %+v, %v", block, b, err)
		}
	}
}

func TestDechunkTellsHowFarTheFramingGoes(t *testing.T) {
	for body, want := range map[string]string{
		"3\r\nabc\r\n0\r\n\r\nnext":     `"abc" 13 true`,
		"3\r\nabc\r\n0\r\nA: b\r\n\r\n": `"abc" 19 true`,
		"3\r\nabc\r\n0\r\n":             `"abc" 11 false`,
		"3\r\nabc\r\n0\r\nA: b":         `"abc" 15 false`,
		"3\r\nab":                       `"ab" 5 false`,
		"zz":                            `"" 0 false`,
	} {
		payload, consumed, err := Dechunk([]byte(body))
		if got := fmt.Sprintf("%q %d %v", payload, consumed, err == nil); got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
		if err != nil && !errors.Is(err, ErrChunkFraming) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func FuzzParseHTTPBlock(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\nHost: a\n b\n\n"))
	f.Add([]byte("\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\n3\nab"))
	f.Fuzz(func(t *testing.T, block []byte) {
		before := bytes.Clone(block)
		b, _ := ParseHTTPBlock(block)
		payload := b.Payload(block)
		if b.HeadEnd < 0 || b.HeadEnd > len(block) || len(payload) > len(block)-b.HeadEnd {
			t.Fatalf("head %d, payload %d of %d bytes", b.HeadEnd, len(payload), len(block))
		}
		_ = append(payload, "overwritten"...)
		if !b.Chunked {
			return
		}
		if !bytes.Equal(before[:b.HeadEnd], block[:b.HeadEnd]) {
			t.Fatal("the block was written to")
		}
	})
}
