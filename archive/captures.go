package archive

import (
	"context"
	"fmt"
	"iter"

	"github.com/klauspost/compress/gzip"

	"newsreel/capture"
)

// SegmentCaptures yields the rows of a segment's captures table, by SURT. A row
// is valid until the next one is asked for.
func (a *Archive) SegmentCaptures(ctx context.Context, m *Manifest) iter.Seq2[*capture.Row, error] {
	return scanObject[capture.Row](ctx, a.store, m.Object(ObjectCaptures))
}

// SegmentArticles yields the rows of a segment's articles table, by domain and
// day. A row is valid until the next one is asked for.
func (a *Archive) SegmentArticles(ctx context.Context, m *Manifest) iter.Seq2[*ArticleRow, error] {
	return scanObject[ArticleRow](ctx, a.store, m.Object(ObjectArticles))
}

// CrawlLog yields the lines of a segment's crawl log, JSON objects without
// their line ends. A line is valid until the next one is asked for.
func (a *Archive) CrawlLog(ctx context.Context, m *Manifest) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		o := m.Object(ObjectLog)
		if o == nil {
			return
		}
		body, _, err := a.store.Get(ctx, o.Key)
		if err != nil {
			yield(nil, fmt.Errorf("read crawl log: %w", err))
			return
		}
		defer body.Close()
		zip, err := gzip.NewReader(body)
		if err != nil {
			yield(nil, fmt.Errorf("read crawl log %s: %w", o.Key, err))
			return
		}
		lines := newLineScanner(zip)
		for lines.Scan() {
			if !yield(lines.Bytes(), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, fmt.Errorf("read crawl log %s: %w", o.Key, err))
		}
	}
}
