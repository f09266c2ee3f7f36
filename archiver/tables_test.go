package archiver

import (
	"testing"

	"newsreel/capture"
	"newsreel/warc/cdxj"
)

func TestEachIndexLineHasAMediaType(t *testing.T) {
	for name, c := range map[string]struct {
		row  capture.Row
		want string
	}{
		"as the Content-Type says":   {capture.Row{ContentMIMEType: "text/html", ContentMIMESniff: "text/plain"}, "text/html"},
		"else as it was sniffed":     {capture.Row{ContentMIMESniff: "image/png"}, "image/png"},
		"else unknown":               {capture.Row{}, "unk"},
		"a revisit's is of its kind": {capture.Row{RecordType: capture.RecordRevisit, ContentMIMEType: "text/html"}, "warc/revisit"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := newSpool(t.TempDir(), false)
			if err != nil {
				t.Fatal(err)
			}
			defer out.close()
			lines := indexLines{out: out}
			c.row.URL, c.row.URLSurtkey = "http://a.example/", "example,a)/"
			if err := lines.add("example,a)/ 2024", &c.row); err != nil {
				t.Fatal(err)
			}
			if err := lines.flush(); err != nil {
				t.Fatal(err)
			}
			if l, err := cdxj.ParseLine(out.buf); err != nil || l.MIME != c.want {
				t.Errorf("%v, %q, want %q", err, l.MIME, c.want)
			}
		})
	}
}
