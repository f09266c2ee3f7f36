package archive

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// recordKeys is what exporting records reads of captures.parquet.
type recordKeys struct {
	URL              string `parquet:"url"`
	FetchTime        int64  `parquet:"fetch_time,timestamp(microsecond:utc)"`
	WARCFilename     string `parquet:"warc_filename"`
	WARCRecordOffset int32  `parquet:"warc_record_offset"`
	WARCRecordLength int32  `parquet:"warc_record_length"`
	CaptureID        string `parquet:"capture_id"`
	RevisitOf        string `parquet:"revisit_of,optional"`
}

// extent is a range of bytes.
type extent struct{ from, to int64 }

// recordExport copies the records that a filter wants.
type recordExport struct {
	*Archive
	ctx    context.Context
	w      io.Writer
	filter *Filter
	places places
	n      int64
	// referred are the captures that copied revisits refer to.
	referred map[string]bool
}

func (a *Archive) exportWARC(ctx context.Context, w io.Writer, f Filter) (int64, error) {
	places, err := a.articlePlaces(ctx, &f)
	if err != nil {
		return 0, err
	}
	x := &recordExport{Archive: a, ctx: ctx, w: w, filter: &f, places: places, referred: map[string]bool{}}
	for m, err := range a.Manifests(ctx, f.Collection) {
		if err == nil {
			err = x.segment(m)
		}
		if err != nil {
			return x.n, err
		}
	}
	if len(x.referred) == 0 {
		return x.n, nil
	}
	for m, err := range a.Manifests(ctx, f.Collection) {
		if err == nil {
			err = x.referredIn(m)
		}
		if err != nil {
			return x.n, err
		}
	}
	return x.n, nil
}

// segment copies a segment's WARC, or what is wanted of it.
func (x *recordExport) segment(m *Manifest) error {
	o := m.Object(ObjectWARC)
	if o == nil {
		return nil
	}
	if x.filter.all() {
		x.n += m.Counts.Captures
		return x.copy(o, []extent{{0, o.Size}})
	}
	all, chosen := []int64{o.Size}, map[int64]bool{}
	for r, err := range scanObject[recordKeys](x.ctx, x.store, m.Object(ObjectCaptures)) {
		if err != nil {
			return err
		}
		all = append(all, int64(r.WARCRecordOffset))
		if !x.wants(r) {
			continue
		}
		x.n++
		chosen[int64(r.WARCRecordOffset)] = true
		if r.RevisitOf != "" {
			x.referred[strings.Clone(r.RevisitOf)] = true
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	slices.Sort(all)
	// The warcinfo stands before the first capture, and a capture's request
	// between it and the next.
	parts := []extent{{0, all[0]}}
	for i, from := range all[:len(all)-1] {
		if chosen[from] {
			parts = append(parts, extent{from, all[i+1]})
		}
	}
	return x.copy(o, parts)
}

func (x *recordExport) wants(r *recordKeys) bool {
	return x.filter.capture(r.URL, r.FetchTime) && x.places.has(r.WARCFilename, int64(r.WARCRecordOffset))
}

// referredIn copies the responses of a segment that copied revisits refer to
// and that are not wanted for themselves.
func (x *recordExport) referredIn(m *Manifest) error {
	var parts []extent
	first := int64(-1)
	for r, err := range scanObject[recordKeys](x.ctx, x.store, m.Object(ObjectCaptures)) {
		if err != nil {
			return err
		}
		from := int64(r.WARCRecordOffset)
		if first < 0 || from < first {
			first = from
		}
		if x.referred[r.CaptureID] && !x.wants(r) {
			parts = append(parts, extent{from, from + int64(r.WARCRecordLength)})
		}
	}
	if len(parts) == 0 || x.filter.all() {
		return nil
	}
	slices.SortFunc(parts, func(a, b extent) int { return int(a.from - b.from) })
	return x.copy(m.Object(ObjectWARC), append([]extent{{0, first}}, parts...))
}

// copy copies parts of an object, those that touch in one read.
func (x *recordExport) copy(o *Object, parts []extent) error {
	for i := 0; i < len(parts); {
		part := parts[i]
		for i++; i < len(parts) && parts[i].from == part.to; i++ {
			part.to = parts[i].to
		}
		body, err := x.store.GetRange(x.ctx, o.Key, part.from, part.to-part.from)
		if err != nil {
			return err
		}
		n, err := io.Copy(x.w, body)
		body.Close()
		if err == nil && n != part.to-part.from {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("copy %s from %d to %d: %w", o.Key, part.from, part.to, err)
		}
	}
	return nil
}
