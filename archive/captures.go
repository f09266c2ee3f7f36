package archive

import (
	"context"
	"iter"

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
