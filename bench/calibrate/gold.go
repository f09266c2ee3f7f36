package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"newsreel/article"
	"newsreel/extractor"
)

// goldPage is one line of gold.jsonl; what a line lacks has no gold.
type goldPage struct {
	ID, File, URL, Fetched      string
	Headline, Kicker, Published string
	Summary, Body               string
	Captions, Authors           *[]string
}

// observation is one field of one page: the signal that it came with, and
// whether it was right.
type observation struct {
	signal  extractor.Signal
	page    string
	variant string
	fold    int
	right   bool
	value   string
}

// variants are what is taken away from copies of a page.
var variants = []struct {
	name   string
	remove []*regexp.Regexp
}{
	{"whole", nil},
	{"without JSON-LD", []*regexp.Regexp{jsonLD}},
	{"without meta", []*regexp.Regexp{metaElement}},
	{"without JSON-LD and meta", []*regexp.Regexp{jsonLD, metaElement}},
	{"print alone", []*regexp.Regexp{jsonLD, metaElement, timeAttribute, itemProperty, titleElement}},
}

var (
	jsonLD        = regexp.MustCompile(`(?is)<script[^>]*ld\+json[^>]*>.*?</script>`)
	metaElement   = regexp.MustCompile(`(?is)<meta\s[^>]*(?:property|name)\s*=[^>]*>`)
	timeAttribute = regexp.MustCompile(`(?i)\sdatetime\s*=\s*("[^"]*"|'[^']*')`)
	itemProperty  = regexp.MustCompile(`(?i)\sitemprop\s*=\s*("[^"]*"|'[^']*')`)
	titleElement  = regexp.MustCompile(`(?is)<title[^>]*>.*?</title>`)
)

// observe extracts every gold page and its variants.
func observe(dir string) ([]observation, error) {
	f, err := os.Open(filepath.Join(dir, "gold.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []observation
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var g goldPage
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			return nil, fmt.Errorf("gold.jsonl: %w", err)
		}
		body, err := readPage(filepath.Join(dir, g.File))
		if err != nil {
			return nil, err
		}
		fetched, _ := time.Parse("2006-01-02 15:04:05", g.Fetched)
		for _, v := range variants {
			cut := body
			for _, re := range v.remove {
				cut = re.ReplaceAll(cut, nil)
			}
			if v.remove != nil && len(cut) == len(body) {
				continue
			}
			a, signals := extractor.Signals(extractor.Page{Body: cut, URL: g.URL, Fetched: fetched})
			for _, s := range signals {
				if right, known := judge(&g, a, s.Field); known {
					out = append(out, observation{signal: s, page: g.ID, variant: v.name, fold: foldOf(g.URL), right: right, value: valueOf(a, s.Field)})
				}
			}
		}
	}
	return out, lines.Err()
}

// valueOf is what a field came out as, for lists of what is wrong.
func valueOf(a *article.Article, field string) string {
	switch field {
	case "headline":
		return a.Headline
	case "published":
		return a.Published
	case "authors":
		return strings.Join(a.Authors, ", ")
	case "captions":
		return strings.Join(a.Captions, " / ")
	}
	return ""
}

// readPage unpacks a page. HTML that is valid UTF-8 is so, whatever it says;
// with its meta elements away it would not say.
func readPage(path string) ([]byte, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(z)
}

// foldOf deals publishers, by registrable domain, into folds.
func foldOf(raw string) int {
	domain := raw
	if u, err := url.Parse(raw); err == nil {
		domain = u.Hostname()
		if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
			domain = d
		}
	}
	h := fnv.New32a()
	h.Write([]byte(domain))
	return int(h.Sum32() % folds)
}
