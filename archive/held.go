package archive

import (
	"context"
	"errors"
	"fmt"
	"io"

	"newsreel/warc"
)

// MaxHeld is the most URLs that a Held knows, about 300 bytes of memory each.
// Beyond it URLs are fetched whole.
const MaxHeld = 2_000_000

// maxHeldRecord is the largest record that is read again, in bytes.
const maxHeldRecord = 64 << 20

// Held is what a collection holds already, as a recrawl needs it: the
// validators of each URL's newest capture, and its response.
type Held struct {
	store      Store
	collection string
	urls       map[string]heldCapture
}

type heldCapture struct {
	etag, lastModified, digest string
	fetched                    int64
	warc                       string
	offset, length             int32
}

// heldRow is the columns of captures.parquet that a Held reads.
type heldRow struct {
	URL              string `parquet:"url"`
	FetchTime        int64  `parquet:"fetch_time,timestamp(microsecond:utc)"`
	FetchStatus      int16  `parquet:"fetch_status"`
	ContentDigest    string `parquet:"content_digest"`
	ContentTruncated string `parquet:"content_truncated,optional"`
	WARCFilename     string `parquet:"warc_filename"`
	WARCRecordOffset int32  `parquet:"warc_record_offset"`
	WARCRecordLength int32  `parquet:"warc_record_length"`
	RecordType       string `parquet:"record_type"`
	ETag             string `parquet:"etag,optional"`
	LastModified     string `parquet:"last_modified,optional"`
}

// Held reads what a collection holds. It is safe for concurrent use after.
func (a *Archive) Held(ctx context.Context, collection string) (*Held, error) {
	h := &Held{store: a.store, collection: collection, urls: map[string]heldCapture{}}
	for m, err := range a.Manifests(ctx, collection) {
		if err != nil {
			return nil, err
		}
		for row, err := range scanObject[heldRow](ctx, a.store, m.Object(ObjectCaptures)) {
			if err != nil {
				return nil, fmt.Errorf("what %s holds: %w", collection, err)
			}
			h.add(row)
		}
	}
	return h, nil
}

func (h *Held) add(r *heldRow) {
	if r.FetchStatus != 200 || r.ContentTruncated != "" {
		return
	}
	old, known := h.urls[r.URL]
	if known && old.fetched > r.FetchTime || !known && len(h.urls) >= MaxHeld {
		return
	}
	c := heldCapture{etag: r.ETag, lastModified: r.LastModified, digest: r.ContentDigest, fetched: r.FetchTime,
		warc: r.WARCFilename, offset: r.WARCRecordOffset, length: r.WARCRecordLength}
	if r.RecordType != "response" {
		// Its payload stands in another record: known only if that is the
		// former capture of this URL.
		if !known || old.digest != r.ContentDigest {
			delete(h.urls, r.URL)
			return
		}
		c.warc, c.offset, c.length = old.warc, old.offset, old.length
	}
	h.urls[r.URL] = c
}

// Validators returns what a conditional request for a URL sends, "" for none.
func (h *Held) Validators(url string) (etag, lastModified string) {
	c := h.urls[url]
	return c.etag, c.lastModified
}

// Response returns the block of the response that is held for a URL, or
// ErrNotFound.
func (h *Held) Response(ctx context.Context, url string) ([]byte, error) {
	c, ok := h.urls[url]
	if !ok {
		return nil, fmt.Errorf("response of %s: %w", url, ErrNotFound)
	}
	r, err := h.store.GetRange(ctx, h.collection+"/warc/"+c.warc, int64(c.offset), int64(c.length))
	if err != nil {
		return nil, fmt.Errorf("response of %s: %w", url, err)
	}
	defer r.Close()
	member, err := io.ReadAll(io.LimitReader(r, maxHeldRecord))
	if err != nil {
		return nil, fmt.Errorf("response of %s: %w", url, err)
	}
	record, block, err := warc.ReadMember(member, maxHeldRecord)
	if err != nil {
		return nil, fmt.Errorf("response of %s: %w", url, err)
	}
	if record.Type() != warc.TypeResponse {
		return nil, fmt.Errorf("response of %s: %w", url, errors.New("it is a "+record.Type()))
	}
	return block, nil
}
