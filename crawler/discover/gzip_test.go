package discover

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func pack(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackedSitemaps(t *testing.T) {
	const doc = "<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.test/2</loc></url></urlset>"
	whole := pack(t, doc)
	bomb := pack(t, doc[:45]+strings.Repeat(" ", 1<<20))
	for _, test := range []struct {
		name      string
		in        Input
		links     int
		truncated bool
		faults    int
	}{
		{"by its hint", Input{Body: whole, URL: "http://a.test/s", Hint: KindSitemap}, 2, false, 0},
		{"by its name", Input{Body: whole, URL: "http://a.test/s.xml.gz?x"}, 2, false, 0},
		{"another archive is left alone", Input{Body: whole, URL: "http://a.test/s.gz"}, 0, false, 0},
		{"cut short", Input{Body: whole[:len(whole)-9], URL: "http://a.test/s", Hint: KindSitemap}, 2, false, 1},
		{"larger than the limit", Input{Body: bomb, URL: "http://a.test/s", Hint: KindSitemap, Limits: Limits{Bytes: 1000}}, 1, true, 1},
		{"no gzip after all", Input{Body: whole[:5], URL: "http://a.test/s", Hint: KindSitemap}, 0, false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := Discover(test.in)
			if len(f.Links) != test.links || f.Truncated != test.truncated || len(f.Faults) != test.faults {
				t.Errorf("got %+v", f)
			}
		})
	}
	s, err := Sitemap(bytes.NewReader(whole), "http://a.test/s", Limits{})
	if err != nil || len(s.Entries) != 2 {
		t.Errorf("got %+v, %v", s, err)
	}
}
