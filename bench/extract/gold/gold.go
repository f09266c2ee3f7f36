// Package gold reads pages that people have annotated, and measures how far an
// extraction agrees with them.
package gold

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
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Folds is the number of parts that publishers are dealt into.
const Folds = 5

// Page is one line of gold.jsonl. What a line lacks has no gold, and is not
// scored.
type Page struct {
	ID        string    `json:"id"`
	File      string    `json:"file"`
	Set       string    `json:"set"`
	URL       string    `json:"url"`
	Fetched   string    `json:"fetched"`
	Headline  string    `json:"headline"`
	Kicker    string    `json:"kicker"`
	Published string    `json:"published"`
	Summary   string    `json:"summary"`
	Body      string    `json:"body"`
	Authors   []string  `json:"authors"`
	Captions  *[]string `json:"captions"`
	Credits   []Credit  `json:"credits"`

	// HTML is the page as fetched.
	HTML []byte `json:"-"`
}

// Credit is who made the photo of a caption.
type Credit struct {
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
}

// Read reads gold.jsonl of a folder and the pages that it names, which are
// compressed with gzip.
func Read(dir string) ([]Page, error) {
	f, err := os.Open(filepath.Join(dir, "gold.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var pages []Page
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var p Page
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("gold.jsonl:%d: %w", n, err)
		}
		if p.HTML, err = unpack(filepath.Join(dir, filepath.FromSlash(p.File))); err != nil {
			return nil, fmt.Errorf("gold.jsonl:%d: %w", n, err)
		}
		pages = append(pages, p)
	}
	return pages, lines.Err()
}

func unpack(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return io.ReadAll(z)
}

// FetchedAt is when the page was fetched; the zero time is unknown.
func (p *Page) FetchedAt() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, strings.TrimSpace(p.Fetched)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// Publisher is the registrable domain of the page's address.
func (p *Page) Publisher() string {
	u, err := url.Parse(p.URL)
	if err != nil || u.Hostname() == "" {
		return p.URL
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil {
		return d
	}
	return u.Hostname()
}

// Fold is the part, from 0, that the page's publisher is dealt into.
func (p *Page) Fold() int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.Publisher())) // never fails
	return int(h.Sum32() % Folds)
}
