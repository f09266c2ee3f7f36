package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
)

func TestWritingRefusesWhatTheStandardForbids(t *testing.T) {
	for name, change := range map[string]func(h *Header){
		"no type":                          func(h *Header) { h.Del(FieldType) },
		"no record id":                     func(h *Header) { h.Del(FieldRecordID) },
		"a record id without brackets":     func(h *Header) { h.Set(FieldRecordID, "urn:uuid:1") },
		"no date":                          func(h *Header) { h.Del(FieldDate) },
		"a date of words":                  func(h *Header) { h.Set(FieldDate, "yesterday") },
		"no target URI":                    func(h *Header) { h.Del(FieldTargetURI) },
		"a target URI outside of ASCII":    func(h *Header) { h.Set(FieldTargetURI, "http://b\u00fccher.example/") },
		"a blank in the target URI":        func(h *Header) { h.Set(FieldTargetURI, "http://example.com/a b") },
		"a warcinfo with a target URI":     func(h *Header) { h.Set(FieldType, TypeWarcinfo) },
		"a revisit without profile":        func(h *Header) { h.Set(FieldType, TypeRevisit) },
		"CR LF in a value":                 func(h *Header) { h.Add("X", "a\r\nB: c") },
		"LF in a value":                    func(h *Header) { h.Add("X", "a\nb") },
		"NUL in a value":                   func(h *Header) { h.Add("X", "a\x00b") },
		"a blank behind a value":           func(h *Header) { h.Add("X", "a ") },
		"a value that is not UTF-8":        func(h *Header) { h.Add("X", "\xff") },
		"an empty name":                    func(h *Header) { h.Add("", "a") },
		"a name with a colon":              func(h *Header) { h.Add("a:b", "a") },
		"a name with a line end":           func(h *Header) { h.Add("a\n", "a") },
		"a name outside of ASCII":          func(h *Header) { h.Add("é", "a") },
		"two target URIs, in another case": func(h *Header) { h.Add("warc-target-uri", "http://other.example/") },
	} {
		h := testHeader(TypeResponse, "x")
		change(&h)
		dst := []byte("before")
		out, err := AppendMember(dst, h, []byte("block"))
		if !errors.Is(err, ErrInvalid) || string(out) != "before" {
			t.Errorf("%s: %v, %d bytes", name, err, len(out))
		}
	}
}

func TestRepeatableFieldsMayBeRepeated(t *testing.T) {
	h := testHeader(TypeRequest, "x")
	for _, f := range []Field{{FieldConcurrentTo, "<urn:a>"}, {FieldConcurrentTo, "<urn:b>"}, {FieldProtocol, "http/1.1"}, {FieldProtocol, "tls/1.3"}} {
		h.Add(f.Name, f.Value)
	}
	member, err := AppendMember(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, err := ReadMember(member, 10)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rec.Header.Values(FieldProtocol), rec.Header.Values("warc-concurrent-to")); got != "[http/1.1 tls/1.3] [<urn:a> <urn:b>]" {
		t.Error(got)
	}
}

func TestContentLengthIsSetFromTheBlock(t *testing.T) {
	h := testHeader(TypeResponse, "x")
	h.Add(FieldContentLength, "99")
	member, err := AppendMember([]byte("before"), h, []byte("one"), nil, []byte("three"))
	if err != nil {
		t.Fatal(err)
	}
	rec, block, err := ReadMember(bytes.TrimPrefix(member, []byte("before")), 100)
	if err != nil || string(block) != "onethree" || rec.Length != 8 || len(rec.Header.Values(FieldContentLength)) != 1 {
		t.Errorf("%q, %d, %v: %v", block, rec.Length, rec.Header, err)
	}
}

func TestBothFormsOfTheEncoderWriteTheSame(t *testing.T) {
	block := bytes.Repeat([]byte("all work and no play "), 5000)
	enc := NewEncoder(DefaultLevel)
	a, err := enc.AppendMember(nil, testHeader(TypeResponse, "x"), block[:7], block[7:])
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := enc.WriteMember(&b, testHeader(TypeResponse, "x"), bytes.NewReader(block), int64(len(block)))
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d of %d: %v", n, b.Len(), err)
	}
	_, blockA, errA := ReadMember(a, 1<<20)
	_, blockB, errB := ReadMember(b.Bytes(), 1<<20)
	if errA != nil || errB != nil || !bytes.Equal(blockA, block) || !bytes.Equal(blockB, block) {
		t.Errorf("%d, %d bytes: %v, %v", len(blockA), len(blockB), errA, errB)
	}
}

func TestABlockShorterThanAnnouncedIsAnError(t *testing.T) {
	_, err := NewEncoder(1).WriteMember(io.Discard, testHeader(TypeResponse, "x"), strings.NewReader("abc"), 4)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestAWriterRefusesToGoOnBehindHalfARecord(t *testing.T) {
	var file bytes.Buffer
	w := NewWriter(&file)
	if _, _, err := w.WriteRecord(Header{}, nil, 0); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
	if _, err := w.AppendRaw([]byte("x")); err != nil {
		t.Fatalf("an invalid head leaves the file as it was, but: %v", err)
	}
	if _, _, err := w.WriteRecord(testHeader(TypeResponse, "x"), strings.NewReader("abc"), 1<<20); err == nil {
		t.Fatal("no error")
	}
	if _, err := w.AppendRaw([]byte("x")); err == nil {
		t.Error("half a record was forgotten")
	}
}

// newsPage is n bytes that compress as an article page does.
func newsPage(n int) []byte {
	random := rand.New(rand.NewSource(1))
	var page bytes.Buffer
	for page.Len() < n {
		fmt.Fprintf(&page, "<p class=\"story-%d\">", random.Intn(9))
		for range 40 {
			for range 2 + random.Intn(8) {
				page.WriteByte("etaoinshrdlucmfw"[random.Intn(16)&random.Intn(16)])
			}
			page.WriteByte(' ')
		}
		page.WriteString("</p>\n<div class=\"share-row\"><a href=\"https://example.com/share\">Share</a></div>\n")
	}
	return page.Bytes()[:n]
}

func BenchmarkAppendMember(b *testing.B) {
	for _, size := range []int{300, 64 << 10} {
		block := newsPage(size)
		h := testHeader(TypeResponse, "x")
		for _, level := range []int{1, DefaultLevel, 6, 9} {
			b.Run(fmt.Sprintf("%d bytes, level %d", size, level), func(b *testing.B) {
				enc := NewEncoder(level)
				buf, err := enc.AppendMember(nil, h, block)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(block)))
				b.ReportAllocs()
				b.ReportMetric(float64(len(buf)), "B/member")
				for b.Loop() {
					buf, _ = enc.AppendMember(buf[:0], h, block)
				}
			})
		}
	}
}

func BenchmarkReadMember(b *testing.B) {
	member, err := AppendMember(nil, testHeader(TypeResponse, "x"), newsPage(64<<10))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(64 << 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ReadMember(member, 1<<20); err != nil {
			b.Fatal(err)
		}
	}
}
