package archive

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFolding(t *testing.T) {
	for text, want := range map[string]string{
		"":               " ",
		"Łódź, S.A.":     " lodz s a ",
		"naïve—Ärger…":   " naive arger ",
		"Straße":         " strasse ",
		"ДОМ й ё":        " дом и е ",
		"ＦＵＬＬ　width":     " full width ",
		"Ελλάδα":         " ελλαδα ",
		"שָׁלוֹם":        " שלום ",
		"السَّلام":       " السلام ",
		"हिन्दी":         " हिन्दी ",
		"co\u00adop":     " coop ",
		"한국어":            " 한국어 ",
		"bad \xff bytes": " bad bytes ",
		"\t\n!!":         " ",
		"İstanbul":       " istanbul ",
		"2024年5月":        " 2024年5月 ",
		"don’t":          " don t ",
	} {
		if got := string(newFolder().fold(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestQueries(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{`climate`, "The Climate, again", true},
		{`clim`, "The Climate, again", false},
		{`"climate again"`, "The Climate, again", true},
		{`"again climate"`, "The Climate, again", false},
		{`say "climate again" now`, "now they say: climate again", true},
		{`„climate again“`, "climate, again", true},
		{`U.S.`, "the U. S. said", true},
		{`U.S.`, "us", false},
		{`東京`, "大東京都", true},
		{`ประเทศ`, "ในประเทศไทย", true},
		{`東京2020`, "東京2020年", false},
		{`"`, "x", false},
	} {
		q, err := parseQuery(c.query)
		if err != nil {
			if c.want {
				t.Errorf("%s: %v", c.query, err)
			}
			continue
		}
		if _, got := q.match("", c.text); got != c.want {
			t.Errorf("%s in %q: %v", c.query, c.text, got)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, text := range []string{"Łódź  x", "a\xffb", "東京ﬁ½", "e\u0301", strings.Repeat("ü ", 200) + "needle"} {
		f.Add(text, "needle")
	}
	f.Fuzz(func(t *testing.T, text, words string) {
		folder := newFolder()
		folded := bytes.Clone(folder.fold(text))
		if again := folder.fold(string(folded)); !bytes.Equal(again, folded) {
			t.Errorf("folded twice: %q, once: %q", again, folded)
		}
		indexed, from := folder.foldIndexed(text)
		if !bytes.Equal(indexed, folded) || len(from) != len(indexed) {
			t.Errorf("indexed: %q of %d, plain: %q", indexed, len(from), folded)
		}
		for i, at := range from {
			if int(at) > len(text) || i > 0 && at < from[i-1] {
				t.Fatalf("byte %d comes from %d of %d", i, at, len(text))
			}
		}
		if q, err := parseQuery(words); err == nil {
			q.match(text, words)
			if s := q.snippet(text); utf8.ValidString(text) && !utf8.ValidString(s) {
				t.Errorf("snippet %q", s)
			}
		}
	})
}
