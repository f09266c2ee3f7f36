package archive

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"newsreel/article"
)

// Formats of Export.
const (
	FormatWARC    = "warc"
	FormatJSONL   = "jsonl"
	FormatCSV     = "csv"
	FormatParquet = "parquet"
	FormatCDXJ    = "cdxj"
)

// Formats are the names that Export knows.
var Formats = [...]string{FormatWARC, FormatJSONL, FormatCSV, FormatParquet, FormatCDXJ}

// ErrFormat says that an export format is not known.
var ErrFormat = errors.New("unknown format")

// Export writes what a filter wants to w, and returns how many articles (jsonl,
// csv, parquet), captures (warc) or lines (cdxj) that were:
//
//   - jsonl: an article record a line, as extractors make them;
//   - csv: RFC 4180 with a head line; lists are joined by " | ";
//   - parquet: the columns of articles.parquet, the segments' rows one after
//     the other;
//   - warc: records as they stand in the archive, a gzip member each, with the
//     warcinfo of each file they come from. A capture comes with its request,
//     and a revisit with the response that it refers to;
//   - cdxj: the index lines of all segments, merged. Offsets are those in the
//     files that the lines name.
//
// Errors: ErrFormat, ErrQuery, the store's, or w's.
func (a *Archive) Export(ctx context.Context, w io.Writer, format string, f Filter) (n int64, err error) {
	out := bufio.NewWriterSize(w, 256<<10)
	switch format {
	case FormatWARC:
		n, err = a.exportWARC(ctx, out, f)
	case FormatJSONL:
		n, err = a.exportJSONL(ctx, out, f)
	case FormatCSV:
		n, err = a.exportCSV(ctx, out, f)
	case FormatParquet:
		n, err = a.exportParquet(ctx, out, f)
	case FormatCDXJ:
		n, err = a.exportCDXJ(ctx, out, f)
	default:
		return 0, fmt.Errorf("export %q: %w: one of %s", format, ErrFormat, strings.Join(Formats[:], ", "))
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return n, fmt.Errorf("export %s as %s: %w", f.Collection, format, err)
	}
	return n, nil
}

func (a *Archive) exportJSONL(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for row, err := range a.Articles(ctx, f) {
		if err != nil {
			return n, err
		}
		record, err := row.Article()
		if err == nil {
			err = enc.Encode(record)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (a *Archive) exportParquet(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	out := newTableWriter[ArticleRow](w)
	rows := make([]ArticleRow, 0, scanRows)
	for row, err := range a.Articles(ctx, f) {
		if err != nil {
			return n, err
		}
		if rows = append(rows, *row); len(rows) == cap(rows) {
			if _, err := out.Write(rows); err != nil {
				return n, err
			}
			rows = rows[:0]
		}
		n++
	}
	if _, err := out.Write(rows); err != nil {
		return n, err
	}
	return n, out.Close()
}

// csvColumns are the columns of a CSV export.
var csvColumns = [...]string{
	"id", "article_id", "capture_id", "url", "canonical_url", "domain", "collection", "job", "run", "fetched",
	"headline", "published", "published_text", "published_precision", "published_zone", "modified",
	"body", "summary", "authors", "captions", "photo_credits", "photo_urls", "language", "section", "tags",
	"site_name", "paywalled", "truncated", "kind", "word_count", "content_hash", "simhash", "extractor",
	"warc_filename", "warc_record_offset", "warc_record_length",
}

func (a *Archive) exportCSV(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	if err := out.Write(csvColumns[:]); err != nil {
		return 0, err
	}
	for row, err := range a.Articles(ctx, f) {
		if err != nil {
			return n, err
		}
		if err := out.Write(csvRecord(row)); err != nil {
			return n, err
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

func csvRecord(r *ArticleRow) []string {
	list := func(texts []string) string { return strings.Join(texts, " | ") }
	photos := func(part func(*article.Photo) string) string {
		texts := make([]string, len(r.Photos))
		for i := range r.Photos {
			texts[i] = part(&r.Photos[i])
		}
		return list(texts)
	}
	number := func(n int32) string { return strconv.Itoa(int(n)) }
	fetched := ""
	if r.Fetched != 0 {
		fetched = formatTime(r.Fetched)
	}
	return []string{
		r.ID, r.ArticleID, r.CaptureID, r.URL, r.CanonicalURL, r.Domain, r.Collection, r.Job, number(r.Run), fetched,
		r.Headline, r.Published, r.PublishedText, r.PublishedPrecision, r.PublishedZone, r.Modified,
		r.Body, r.Summary, list(r.Authors), list(r.Captions),
		photos(func(p *article.Photo) string { return p.Credit }),
		photos(func(p *article.Photo) string { return p.ImageURL }),
		r.Language, r.Section, list(r.Tags),
		r.SiteName, strconv.FormatBool(r.Paywalled), strconv.FormatBool(r.Truncated), r.Kind, number(r.WordCount),
		r.ContentHash, r.Simhash, r.Extractor,
		r.WARCFilename, number(r.WARCRecordOffset), number(r.WARCRecordLength),
	}
}
