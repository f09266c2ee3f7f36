package warc_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"newsreel/internal/peers"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// exchange is one response that the test's archive holds.
type exchange struct{ uri, block string }

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// exchanges are ordinary and odd responses.
func exchanges() []exchange {
	html := "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
	chunked := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
	return []exchange{
		{"http://example.com/", html + "<p>hello</p>"},
		{"https://www.Example.com:8443/A?b=2&a=1", html + "another"},
		{"http://example.com/empty-body", html},
		{"http://example.com/no-type", "HTTP/1.1 204 No Content\r\n\r\n"},
		{"http://example.com/moved", "HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\nContent-Type: text/plain\r\n\r\nmoved"},
		{"http://example.com/chunked", chunked + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"},
		{"http://example.com/chunked-lf", chunked + "5\nhello\n0\n\n"},
		{"http://example.com/chunked-cut", chunked + "5\r\nhello\r\nff\r\ncut"},
		{"http://example.com/not-chunked", chunked + "<p>no chunk</p>"},
		{"http://example.com/gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n" + gzipped("packed")},
		{"http://example.com/gzip-chunked", strings.Replace(chunked, "Transfer", "Content-Encoding: gzip\r\nTransfer", 1) +
			fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(gzipped("packed")), gzipped("packed"))},
		{"http://example.com/lf-only", "HTTP/1.1 200 OK\nContent-Type: text/html\n\nlf"},
		{"http://example.com/no-end-of-head", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: y"},
		{"http://example.com/repeated-fields", "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\ncOnTeNt-TyPe: Text/HTML ; x=y\r\n\r\nx"},
		{"http://example.com/latin1-field", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Name: M\xfcller\r\n\r\nx"},
		{"http://example.com/ends-with-line-ends", html + "\r\n\r\n\r\n\r\n"},
		{"http://example.com/looks-like-a-record", html + "\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n"},
		{"http://example.com/not-found", "HTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\n\r\nnothing"},
		{"http://example.com/big", html + strings.Repeat("<p>a long story, told again and again</p>\n", 20_000)},
		{"http://b\u00fccher.example/\u00fc?q=\u0444 x", html + "idn"},
		{"http://xn--bcher-kva.example/%C3%BC?q=%D1%84", html + "idn, coded"},
		{"http://[2001:db8::1]:8080/x", html + "v6"},
	}
}

// writeArchive writes the exchanges, each a second time as a revisit, and
// returns the file and the index lines that we make of what was written.
func writeArchive(t *testing.T) string {
	t.Helper()
	var file bytes.Buffer
	w := warc.NewWriter(&file)
	enc := warc.NewEncoder(warc.DefaultLevel)
	date := time.Date(2024, 5, 3, 18, 19, 8, 720_001_000, time.UTC)
	infoID := warc.RecordIDFor("info")
	write := func(h warc.Header, block []byte) []byte {
		member, err := enc.AppendMember(nil, h, block)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AppendRaw(member); err != nil {
			t.Fatal(err)
		}
		return member
	}
	h, block := warc.Warcinfo([]warc.Field{{Name: "software", Value: "newsreel"}, {Name: "format", Value: "WARC File Format 1.1"}}, "test.warc.gz", infoID, date)
	write(h, block)
	for i, x := range exchanges() {
		block := []byte(x.block)
		msg, err := warc.ParseHTTPBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		capture := warc.Capture{
			RecordID: warc.RecordIDFor(x.uri), TargetURI: x.uri, Date: date.Add(time.Duration(i) * time.Second),
			IP: netip.MustParseAddr("192.0.2.1"), WarcinfoID: infoID, Protocols: []string{"http/1.1", "tls/1.3"},
			CipherSuite: "TLS_AES_128_GCM_SHA256", BlockDigest: warc.Sum(warc.SHA1, block), PayloadDigest: warc.Sum(warc.SHA1, msg.Payload(block)),
		}
		request := capture
		request.RecordID, request.ConcurrentTo = warc.RecordIDFor("request "+x.uri), []string{capture.RecordID}
		asked := []byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
		request.BlockDigest, request.PayloadDigest = warc.Sum(warc.SHA1, asked), ""
		write(warc.RequestHeader(request), asked)
		first := warc.ResponseHeader(capture)
		member := write(first, block)
		again, err := warc.RewriteAsRevisit(enc, member, warc.Reference{RecordID: capture.RecordID, TargetURI: x.uri, Date: capture.Date})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AppendRaw(again); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "test.warc.gz")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ourRecord is a record as our reader gives it.
type ourRecord struct {
	*warc.Record
	block []byte
	msg   warc.HTTPBlock
}

func readArchive(t *testing.T, path string) []ourRecord {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var records []ourRecord
	r := warc.NewReader(file)
	for {
		rec, err := r.Next()
		if err != nil {
			break
		}
		block, err := rec.ReadBlock(64 << 20)
		if err != nil {
			t.Fatal(err)
		}
		msg, _ := warc.ParseHTTPBlock(block)
		if len(rec.Faults) > 0 {
			t.Errorf("%s: %v", rec.ID(), rec.Faults)
		}
		records = append(records, ourRecord{rec, block, msg})
	}
	return records
}

func TestWarcioReadsTheSameRecords(t *testing.T) {
	path := writeArchive(t)
	ours, theirs := readArchive(t, path), peers.Check(t, path)
	if len(ours) != len(theirs) || len(ours) != 1+3*len(exchanges()) {
		t.Fatalf("%d records, warcio reads %d, %d were written", len(ours), len(theirs), 1+3*len(exchanges()))
	}
	judged := 0
	for i, our := range ours {
		their := theirs[i]
		if our.ID() != their.ID || our.Type() != their.Type || our.TargetURI() != their.URI || our.Offset != their.Offset ||
			our.Version != their.Version || our.Length != their.BlockLength || our.Header.Get(warc.FieldDate) != their.Date {
			t.Errorf("record %d is\n%s %s %s at %d, %d bytes; warcio reads\n%+v", i, our.Type(), our.ID(), our.TargetURI(), our.Offset, our.Length, their)
		}
		if got := string(warc.Sum(warc.SHA1, our.block)); got != their.BlockSHA1 {
			t.Errorf("%s: block digest %s, warcio's %s", our.TargetURI(), got, their.BlockSHA1)
		}
		if len(our.Header) != len(their.Headers) {
			t.Errorf("%s: %d fields, warcio reads %d", our.ID(), len(our.Header), len(their.Headers))
		}
		if their.PayloadOK != nil {
			judged++
		}
	}
	if judged < len(exchanges())-4 {
		t.Errorf("warcio judged only %d payload digests", judged)
	}
}

func TestWarcioMakesTheSameIndex(t *testing.T) {
	path := writeArchive(t)
	var lines [][]byte
	for _, rec := range readArchive(t, path) {
		if line, ok := cdxj.FromRecord(rec.Record, rec.msg, filepath.Base(path)); ok {
			lines = append(lines, line.Append(nil))
		}
	}
	theirs := bytes.SplitAfter(peers.WARCIO(t, "cdx-index", path), []byte("\n"))
	theirs = slices.DeleteFunc(theirs, func(line []byte) bool { return len(line) == 0 })
	if len(lines) != len(theirs) || len(lines) != 2*len(exchanges()) {
		t.Fatalf("%d lines, warcio makes %d of %d captures", len(lines), len(theirs), 2*len(exchanges()))
	}
	for i := range lines {
		// warcio leaves the digest's label out, which wabac.js then takes
		// for SHA-256; with its label it is looked up as it is.
		ours := strings.Replace(string(lines[i]), `"digest":"sha1:`, `"digest":"`, 1)
		if ours != string(theirs[i]) {
			t.Errorf("line %d is\n%swarcio makes\n%s", i, ours, theirs[i])
		}
	}
}
