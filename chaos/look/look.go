// Package look reads what a crawl has archived and compares it with what an
// undisturbed crawl of the same world has, URL by URL.
package look

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/warc"
)

// Page is what is held of one URL.
type Page struct {
	Fate, Reason, Kind string
	Status             int16
	Redirect           string
	Digest, Truncated  string
	// Block is the digest of the response's bytes, "" for a revisit.
	Block string
	// Article is a digest of the record, "" for none.
	Article string
}

// Holding is what is archived of a run.
type Holding struct {
	Pages   map[string]*Page
	Summary archive.Summary
	// Twice says what is there more than once, or contradicts itself.
	Twice []string
	// Torn says what cannot be read.
	Torn []string
	// Named are the objects that manifests and records name, and those
	// themselves.
	Named map[string]bool
}

type reading struct {
	*Holding
	arc   *archive.Archive
	store archive.Store
	ids   map[string]string // URL by capture id
	count map[string]map[string]int
	// again counts articles that a retry of dead letters archived.
	again int
}

// Archive reads the run of a job in a collection of its own.
func Archive(ctx context.Context, store archive.Store, temp, job string, run int) (*Holding, error) {
	r := &reading{Holding: &Holding{Pages: map[string]*Page{}, Named: map[string]bool{}},
		arc: archive.New(store, temp), store: store, ids: map[string]string{}, count: map[string]map[string]int{}}
	record, err := r.arc.ReadRun(ctx, job, job, run)
	if err != nil {
		return nil, err
	}
	r.Summary = record.Summary
	r.Named[archive.RunKey(job, job, run)] = true
	if record.Ledger != nil {
		r.Named[record.Ledger.Key] = true
	}
	for row, err := range r.arc.Ledger(ctx, job, job, run) {
		if err != nil {
			return nil, err
		}
		p := r.page(row.URL)
		p.Fate, p.Reason, p.Kind, p.Status = row.Fate, row.Reason, row.Kind, row.Status
		r.once("ledger", row.URL)
	}
	for m, err := range r.arc.RunManifests(ctx, job, job, run) {
		if err == nil {
			err = r.segment(ctx, m)
		}
		if err != nil {
			return nil, err
		}
	}
	articles := r.rows("articles")
	for m, err := range r.arc.RedoManifests(ctx, job, job, run) {
		if err == nil {
			err = r.segment(ctx, m)
		}
		if err != nil {
			return nil, err
		}
	}
	r.again = r.rows("articles") - articles
	r.same()
	return r.Holding, nil
}

func (r *reading) page(url string) *Page {
	p := r.Pages[url]
	if p == nil {
		p = &Page{}
		r.Pages[url] = p
	}
	return p
}

// rows counts those of a table.
func (r *reading) rows(table string) (n int) {
	for _, rows := range r.count[table] {
		n += rows
	}
	return n
}

// once notes that a table has a row of a URL.
func (r *reading) once(table, url string) {
	if r.count[table] == nil {
		r.count[table] = map[string]int{}
	}
	r.count[table][url]++
	if r.count[table][url] == 2 {
		r.Twice = append(r.Twice, fmt.Sprintf("%s: %s stands there twice", table, url))
	}
}

func (r *reading) segment(ctx context.Context, m *archive.Manifest) error {
	r.Named[archive.ManifestKey(m.Collection, m.Segment)] = true
	for _, o := range m.Objects {
		r.Named[o.Key] = true
	}
	for row, err := range r.arc.SegmentCaptures(ctx, m) {
		if err != nil {
			return err
		}
		p := r.page(row.URL)
		p.Digest, p.Truncated, p.Redirect = row.ContentDigest, row.ContentTruncated, row.FetchRedirect
		r.once("captures", row.URL)
		if row.RecordType == capture.RecordRevisit {
			r.once("revisits", row.URL)
		}
		if _, again := r.ids[row.CaptureID]; again {
			r.Twice = append(r.Twice, "captures: id "+row.CaptureID)
		}
		r.ids[row.CaptureID] = row.URL
	}
	for row, err := range r.arc.SegmentArticles(ctx, m) {
		if err != nil {
			return err
		}
		if r.ids[row.CaptureID] == "" {
			r.Twice = append(r.Twice, "articles: "+row.URL+" is of no capture")
		}
		r.page(row.URL).Article = articleDigest(*row)
		r.once("articles", row.URL)
	}
	for line, err := range r.arc.CrawlLog(ctx, m) {
		if err != nil {
			return err
		}
		var l struct{ Type, URL string }
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		if l.Type == "outcome" {
			r.once("outcomes", l.URL)
		}
	}
	return r.records(ctx, m)
}

// records reads the WARC of a segment.
func (r *reading) records(ctx context.Context, m *archive.Manifest) error {
	o := m.Object(archive.ObjectWARC)
	if o == nil {
		return nil
	}
	body, _, err := r.store.Get(ctx, o.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	reader := warc.NewReader(body)
	for {
		rec, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			r.Torn = append(r.Torn, fmt.Sprintf("%s: %v", o.Key, err))
			return nil
		}
		switch rec.Type() {
		case warc.TypeResponse:
			r.page(rec.TargetURI()).Block = rec.Header.Get("WARC-Block-Digest")
			r.once("records", rec.TargetURI())
		case warc.TypeRevisit:
			r.once("records", rec.TargetURI())
		}
	}
}

// same holds that the tables tell of the same URLs.
func (r *reading) same() {
	for url, p := range r.Pages {
		captured := 0
		if p.Fate == "captured" {
			captured = 1
		}
		for _, table := range []string{"captures", "records"} {
			if n := r.count[table][url]; n < captured {
				r.Twice = append(r.Twice, fmt.Sprintf("%s: %s is captured, and is not there", table, url))
			} else if n > 0 && captured == 0 {
				r.Twice = append(r.Twice, fmt.Sprintf("%s: %s is there, and its fate is %q", table, url, p.Fate))
			}
		}
		if p.Fate != "" && r.count["outcomes"][url] == 0 {
			r.Twice = append(r.Twice, fmt.Sprintf("outcomes: %s has none", url))
		}
	}
	s := r.Summary
	if sum := s.Captured + total(s.Failed) + total(s.Skipped) + s.Waiting; sum != s.Discovered || int(s.Discovered) != len(r.count["ledger"]) {
		r.Twice = append(r.Twice, fmt.Sprintf("ledger: %d discovered, %d with a fate, %d rows", s.Discovered, sum, len(r.count["ledger"])))
	}
	if n := r.rows("articles") - r.again; int(s.Articles) != n {
		r.Twice = append(r.Twice, fmt.Sprintf("articles: %d rows, and the summary says %d", n, s.Articles))
	}
}

func total(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// articleDigest is of what the page gave: all but ids, places and times of ours.
func articleDigest(row archive.ArticleRow) string {
	row.ID, row.ArticleID, row.CaptureID, row.Fetched = "", "", "", 0
	row.Collection, row.Job, row.Run = "", "", 0
	row.WARCFilename, row.WARCRecordOffset, row.WARCRecordLength = "", 0, 0
	data, _ := json.Marshal(row)
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// Difference is what a disturbed crawl lost, or has beyond the undisturbed one.
type Difference struct{ Lost, Changed []string }

// Compare tells what got lacks of want, and where they differ.
func Compare(want, got *Holding) (d Difference) {
	for url, w := range want.Pages {
		g := got.Pages[url]
		switch {
		case g == nil:
			d.Lost = append(d.Lost, url+" is not known")
		case w.Article != "" && g.Article == "":
			d.Lost = append(d.Lost, url+" has no article")
		case w.Fate == "captured" && g.Fate != "captured":
			d.Lost = append(d.Lost, fmt.Sprintf("%s is %s %s", url, g.Fate, g.Reason))
		default:
			if text := differ(*w, *g); text != "" {
				d.Changed = append(d.Changed, url+": "+text)
			}
		}
	}
	for url := range got.Pages {
		if want.Pages[url] == nil {
			d.Changed = append(d.Changed, url+" is known to the disturbed crawl alone")
		}
	}
	x, y := want.Summary, got.Summary
	if x.Revisits != y.Revisits || x.Outside != y.Outside || x.Bytes != y.Bytes || x.State != y.State {
		d.Changed = append(d.Changed, fmt.Sprintf("summary: %d revisits, %d outside, %d bytes, %s; undisturbed %d, %d, %d, %s",
			y.Revisits, y.Outside, y.Bytes, y.State, x.Revisits, x.Outside, x.Bytes, x.State))
	}
	return d
}

// differ names what two pages differ in. Which of several URLs with one payload
// is the response and which the revisits is a matter of order.
func differ(w, g Page) string {
	if w.Block == "" || g.Block == "" {
		w.Block, g.Block = "", ""
	}
	if w == g {
		return ""
	}
	x, _ := json.Marshal(w)
	y, _ := json.Marshal(g)
	return fmt.Sprintf("undisturbed %s, disturbed %s", x, y)
}

// Orphans are the objects of a bucket that nothing names.
func Orphans(ctx context.Context, store archive.Store, named map[string]bool) (keys []string, err error) {
	for o, err := range store.List(ctx, "", "") {
		if err != nil {
			return nil, err
		}
		if !named[o.Key] && !strings.HasSuffix(o.Key, "/") {
			keys = append(keys, o.Key)
		}
	}
	return keys, nil
}
