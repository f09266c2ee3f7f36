package warc

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

var update = flag.Bool("update", false, "rewrite testdata")

// plainRecord is a record without compression, its head as given, and closing
// what follows its block.
func plainRecord(version, id, fields, block, closing string) string {
	return version + "\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:" + id + ">\r\n" +
		"WARC-Date: 2024-05-03T18:19:08Z\r\nWARC-Target-URI: http://example.com/" + id + "\r\n" +
		fields + "\r\n" + block + closing
}

// whole is a sound uncompressed record.
func whole(id, block string) string {
	return plainRecord("WARC/1.1", id, fmt.Sprintf("Content-Length: %d\r\n", len(block)), block, "\r\n\r\n")
}

func zip(parts ...string) string {
	var b bytes.Buffer
	for _, part := range parts {
		w, _ := gzip.NewWriterLevel(&b, 6)
		io.WriteString(w, part)
		w.Close()
	}
	return b.String()
}

// damaged changes a byte, counted from the end if at is negative.
func damaged(s string, at int) string {
	b := []byte(s)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x55
	return string(b)
}

// archives are the files of testdata/archives, by name.
func archives() map[string]string {
	blockA := strings.Repeat("alpha, the first block\n", 30)
	a, b := whole("a", blockA), whole("b", strings.Repeat("beta, another one\n", 10))
	wrong := func(n int) string {
		return plainRecord("WARC/1.1", "w", fmt.Sprintf("Content-Length: %d\r\n", n), blockA, "\r\n\r\n")
	}
	unmeasured := plainRecord("WARC/1.1", "u", "", blockA, "\r\n\r\n")
	lfOnly := strings.ReplaceAll(strings.SplitAfter(a, "\r\n\r\n")[0], "\r\n", "\n") + blockA + "\n\n"
	long := whole("long", string(newsPage(8000)))
	return map[string]string{
		"good.warc":                        a + b,
		"good.warc.gz":                     zip(a, b),
		"good-mixed.warc":                  a + zip(b) + a,
		"empty.warc":                       "",
		"one-member-for-all.warc.gz":       zip(a + b + a),
		"record-over-two-members.warc.gz":  zip(a[:300], a[300:], b),
		"head-over-two-members.warc.gz":    zip(a[:50], a[50:], b),
		"truncated-member.warc.gz":         zip(a) + zip(b)[:len(zip(b))-40],
		"truncated-in-the-middle.warc.gz":  zip(long)[:len(zip(long))/2] + zip(a, b),
		"truncated-trailer.warc.gz":        zip(a) + zip(b)[:len(zip(b))-5],
		"truncated-gzip-header.warc.gz":    zip(a) + zip(b)[:6],
		"truncated-head.warc":              a + b[:60],
		"truncated-block.warc":             a + b[:len(b)-20],
		"damaged-data.warc.gz":             damaged(zip(long), 300) + zip(a, b),
		"wrong-checksum.warc.gz":           damaged(zip(a), -6) + zip(b),
		"garbage-between-members.warc.gz":  zip(a) + "garbage \x1f\x8b\x08\x00 and WARC/ more" + zip(b) + "at the end",
		"garbage-between-records.warc":     a + "garbage\r\nmore garbage\r\n" + b,
		"garbage-in-front.warc.gz":         "#!/bin/sh\n" + zip(a),
		"garbage-in-member.warc.gz":        zip("no record", "garbage\r\n"+a, b),
		"nul-padding.warc.gz":              zip(a) + strings.Repeat("\x00", 1000) + zip(b) + strings.Repeat("\x00", 70000),
		"blank-lines-between.warc":         "\r\n" + a + "\r\n\r\n" + b + "\n\n\n",
		"no-closing-line-ends.warc":        strings.TrimSuffix(a, "\r\n\r\n") + strings.TrimSuffix(b, "\r\n\r\n"),
		"no-closing-line-ends.warc.gz":     zip(strings.TrimSuffix(a, "\r\n\r\n"), strings.TrimSuffix(b, "\r\n\r\n")),
		"lf-only-head.warc":                lfOnly + b,
		"lf-only-head.warc.gz":             zip(lfOnly, b),
		"length-too-small.warc":            wrong(100) + b,
		"length-too-small.warc.gz":         zip(wrong(100), b),
		"length-too-large.warc.gz":         zip(wrong(5000), b),
		"length-too-large-last.warc.gz":    zip(b, wrong(5000)),
		"no-length.warc":                   unmeasured + b,
		"no-length.warc.gz":                zip(unmeasured, b),
		"length-of-words.warc.gz":          zip(plainRecord("WARC/1.1", "w", "Content-Length: many\r\n", blockA, "\r\n\r\n"), b),
		"two-lengths.warc":                 plainRecord("WARC/1.1", "t", fmt.Sprintf("Content-Length: %d\r\ncontent-length: 3\r\n", len(blockA)), blockA, "\r\n\r\n") + b,
		"folded-field.warc":                plainRecord("WARC/1.0", "f", "X-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 1\r\n", "x", "\r\n\r\n") + b,
		"line-that-is-no-field.warc":       plainRecord("WARC/1.0", "f", "no colon here\r\nContent-Length: 1\r\n", "x", "\r\n\r\n") + b,
		"latin1-field.warc":                plainRecord("WARC/1.0", "f", "X-Name: M\xfcller\r\nContent-Length: 1\r\n", "x", "\r\n\r\n"),
		"draft-version.warc":               plainRecord("WARC/0.17", "d", "Content-Length: 1\r\n", "x", "\r\n\r\n") + plainRecord("WARC/0.18", "e", "Content-Length: 0\r\n", "", "\r\n\r\n"),
		"version-of-the-future.warc.gz":    zip(plainRecord("WARC/2.0", "v", "Content-Length: 1\r\n", "x", "\r\n\r\n")),
		"member-with-name-and-extra.warc":  namedMember(a) + zip(b),
		"empty-member-between.warc.gz":     zip(a, "", b),
		"text-that-is-no-archive.warc":     strings.Repeat("nothing of interest\n", 4000),
		"truncated-members-nested.warc.gz": zip(long)[:2000] + zip(long)[:500] + zip(long)[:300] + zip(a),
	}
}

// namedMember is a member whose gzip header has all its optional fields.
func namedMember(content string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name, w.Comment, w.Extra = "name.warc", "a comment", []byte("sl\x08\x00\x01\x02\x03\x04\x05\x06\x07\x08")
	io.WriteString(w, content)
	w.Close()
	return out.String()
}

// describe reads an archive to its end and tells each thing found in a line.
func describe(r io.Reader) string {
	var out strings.Builder
	reader := NewReader(r)
	for range 100 {
		rec, err := reader.Next()
		if err != nil {
			fmt.Fprintf(&out, "next: %v\n", err)
			if errors.Is(err, ErrTruncated) || errors.Is(err, ErrTooLarge) {
				continue
			}
			break
		}
		block, err := io.ReadAll(rec.Block)
		fmt.Fprintf(&out, "%d+%d %s %s %s block %d of %d %s\n", rec.Offset, rec.MemberLength, rec.Version, rec.Type(), rec.ID(), len(block), rec.Length, Sum(SHA1, block))
		if err != nil {
			fmt.Fprintf(&out, "  error %v\n", err)
		}
		for _, f := range rec.Faults {
			fmt.Fprintf(&out, "  fault %v\n", f)
		}
		for _, f := range rec.Header {
			if strings.HasPrefix(f.Name, "X-") {
				fmt.Fprintf(&out, "  %s: %s\n", f.Name, f.Value)
			}
		}
	}
	for _, f := range reader.TrailingFaults() {
		fmt.Fprintf(&out, "trailing fault %v\n", f)
	}
	return out.String()
}

func TestArchivesReadAsTheirWantFilesSay(t *testing.T) {
	dir := filepath.Join("testdata", "archives")
	for name, made := range archives() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if *update {
				if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, []byte(made), 0o644),
					os.WriteFile(path+".want", []byte(describe(strings.NewReader(made))), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(path + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(bytes.NewReader(data)); got != string(want) {
				t.Errorf("reads as\n%swant\n%s", got, want)
			}
			if got := describe(&oneByteReader{bytes.NewReader(data)}); got != string(want) {
				t.Errorf("byte by byte it reads as\n%swant\n%s", got, want)
			}
		})
	}
}

// oneByteReader gives one byte at a time.
type oneByteReader struct{ r io.Reader }

func (o *oneByteReader) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }
