package cdxj

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"newsreel/warc"
)

func TestLineIsWrittenInTheContractsForm(t *testing.T) {
	l := Line{
		SURT: "com,example)/a?b", Timestamp: "20240503181908", URL: "http://example.com/a?b", MIME: "text/html",
		Status: 200, Digest: "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", Length: 1234, Offset: 99, Filename: "a.warc.gz",
	}
	want := `com,example)/a?b 20240503181908 {"url":"http://example.com/a?b","mime":"text/html","status":"200",` +
		`"digest":"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ","length":"1234","offset":"99","filename":"a.warc.gz"}` + "\n"
	if got := string(l.Append(nil)); got != want {
		t.Errorf("line is %s want %s", got, want)
	}
	if back, err := ParseLine([]byte(want)); err != nil || back != l {
		t.Errorf("read back %+v, %v", back, err)
	}
}

func TestStringsAreEscapedAsECMAScriptDoes(t *testing.T) {
	l := Line{SURT: "not a\nurl", Timestamp: "2024", URL: "a\"b\\c\x01\b\t\n\f\r<&>\u2028é\xff", Filename: "f"}
	want := `not%20a%0Aurl 2024 {"url":"a\"b\\c\u0001\b\t\n\f\r<&>` + "\u2028é\ufffd" + `","length":"0","offset":"0","filename":"f"}` + "\n"
	if got := string(l.Append(nil)); got != want {
		t.Errorf("line is\n%q want\n%q", got, want)
	}
}

func TestParseLineTakesWhatOthersWrite(t *testing.T) {
	l, err := ParseLine([]byte(`org,example)/ 20220106150849300 {"url": "https://example.org/", "status": 200, "offset":283,"length":2269,"mime":null,"extra":{"a":1}}` + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Line{SURT: "org,example)/", Timestamp: "20220106150849", URL: "https://example.org/", Status: 200, Offset: 283, Length: 2269}
	if l != want {
		t.Errorf("is %+v\nwant %+v", l, want)
	}
}

func TestParseLineRefusesWhatIsNoLine(t *testing.T) {
	for name, line := range map[string]string{
		"an empty line":           "",
		"a line of legacy CDX":    "com,example)/ 20220106150849 http://example.com/ text/html 200 - - 1 2 a",
		"no timestamp":            `com,example)/ {"url":"a"}`,
		"a timestamp of words":    `com,example)/ yesterday {"url":"a"}`,
		"JSON cut short":          `com,example)/ 20220106150849 {"url":"a"`,
		"a negative offset":       `com,example)/ 20220106150849 {"offset":-1}`,
		"a length with fractions": `com,example)/ 20220106150849 {"length":1.5}`,
		"an offset over 63 bits":  `com,example)/ 20220106150849 {"offset":"9223372036854775808"}`,
	} {
		if l, err := ParseLine([]byte(line)); !errors.Is(err, ErrLine) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}

func TestLinesAreSortedByBytes(t *testing.T) {
	lines := [][]byte{[]byte("b"), []byte("a~"), []byte("a)"), []byte("A"), []byte("\xc3")}
	Sort(lines)
	if got := string(bytes.Join(lines, []byte(" "))); got != "A a) a~ b \xc3" {
		t.Errorf("sorted: %q", got)
	}
}

func TestOnlyResponsesAndRevisitsHaveLines(t *testing.T) {
	for typ, want := range map[string]bool{
		warc.TypeResponse: true, warc.TypeRevisit: true, warc.TypeRequest: false, warc.TypeWarcinfo: false,
		warc.TypeMetadata: false, warc.TypeResource: false,
	} {
		rec := &warc.Record{Header: warc.Header{{Name: warc.FieldType, Value: typ}}}
		if _, ok := FromRecord(rec, warc.HTTPBlock{}, "f"); ok != want {
			t.Errorf("%s: %v, want %v", typ, ok, want)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`com,example)/ 20220106150849 {"url":"http://example.com/","status":"200","offset":"1","length":"2","filename":"a"}`))
	f.Add([]byte(`a b 2022 {"url":"\u00e9\ud800","digest":"sha1:A","mime":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLine(data)
		if err != nil {
			return
		}
		l.Status = max(l.Status, 0)
		line := l.Append(nil)
		if bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("not one line: %q", line)
		}
		again, err := ParseLine(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if second := again.Append(nil); !bytes.Equal(line, second) {
			t.Fatalf("%q\n%q", line, second)
		}
	})
}

func FuzzSURT(f *testing.F) {
	for _, u := range surtURLs(f) {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, u string) {
		got := SURT(u)
		if got == u || !strings.HasPrefix(u, "http") {
			return
		}
		// The parser takes "-0" for a number, which warcio's does not.
		if fast, ok := plainSURT(cutWWW(u)); ok && !strings.Contains(u, "/-") && !strings.Contains(u, ".-") {
			if slow, parsed := parsedSURT(cutWWW(u)); !parsed || slow != fast {
				t.Fatalf("%q: %q without the parser, %q with it", u, fast, slow)
			}
		}
	})
}

func BenchmarkSURT(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			SURT("https://www.example.co.uk/world/2024/05/03/A-headline-of-some-words.html?utm_source=x&id=7")
		}
	})
	b.Run("parsed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			SURT("https://www.example.co.uk/world/2024/05/03/Überschrift.html?utm_source=x&id=7")
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	l := Line{
		SURT: "com,example)/a?b", Timestamp: "20240503181908", URL: "http://example.com/a?b", MIME: "text/html",
		Status: 200, Digest: "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", Length: 1234, Offset: 99, Filename: "a.warc.gz",
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = l.Append(buf[:0])
	}
}
