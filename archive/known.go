package archive

import (
	"context"
	"iter"
)

// KnownCapture is what finding duplicates needs of a row of captures.parquet.
type KnownCapture struct {
	URL           string `parquet:"url"`
	FetchTime     int64  `parquet:"fetch_time,timestamp(microsecond:utc)"`
	FetchStatus   int16  `parquet:"fetch_status"`
	ContentDigest string `parquet:"content_digest"`
	CaptureID     string `parquet:"capture_id"`
	RecordType    string `parquet:"record_type"`
}

// KnownCaptures yields the captures of a segment, reading only the columns
// that it returns. A row is valid until the next one is asked for.
func (a *Archive) KnownCaptures(ctx context.Context, m *Manifest) iter.Seq2[*KnownCapture, error] {
	return scanObject[KnownCapture](ctx, a.store, m.Object(ObjectCaptures))
}
