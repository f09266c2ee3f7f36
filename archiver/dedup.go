package archiver

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/warc"
)

// dedup knows which payloads a collection holds, and where: what came earlier
// in the run, and what its earlier segments and runs hold. It takes 16 bytes of
// memory a payload and 16 a URL, and their descriptions stand in a spool.
type dedup struct {
	seed maphash.Seed
	// payloads and urls lead from the hash of a digest or URL to where its
	// reference stands in refs. Hashes may collide: what stands there decides.
	payloads, urls map[uint64]int64
	refs           *spool
	// committed is the size of refs up to which it describes what is
	// committed.
	committed int64
	empty     map[string]bool
	scratch   []byte
}

// reference is an earlier response that holds a payload.
type reference struct {
	captureID, url, digest string
	fetched                int64 // microseconds since 1970
}

func newDedup(dir string) (*dedup, error) {
	refs, err := newSpool(dir, false)
	if err != nil {
		return nil, err
	}
	d := &dedup{seed: maphash.MakeSeed(), payloads: map[uint64]int64{}, urls: map[uint64]int64{},
		refs: refs, empty: map[string]bool{"": true}}
	for _, alg := range []warc.DigestAlgorithm{warc.SHA1, warc.SHA256, warc.SHA512, warc.MD5} {
		d.empty[bare(string(warc.Sum(alg, nil)))] = true
	}
	return d, nil
}

func (d *dedup) close() {
	if d != nil {
		d.refs.close()
	}
}

// bare is a digest as rows have it: SHA-1 without its label, others with it.
func bare(digest string) string { return strings.TrimPrefix(digest, "sha1:") }

// labelled is the digest as records have it.
func labelled(digest string) warc.Digest {
	if digest != "" && !strings.Contains(digest, ":") {
		digest = "sha1:" + digest
	}
	return warc.Digest(digest)
}

func (d *dedup) hash(s string) uint64 { return maphash.String(d.seed, s) }

// find returns the earlier response that a capture's payload is the same as,
// and the profile of the revisit, or ok false. Empty payloads have none.
func (d *dedup) find(r *capture.Row) (ref reference, profile string, ok bool, err error) {
	if r.FetchStatus == 304 {
		ref, ok, err = d.at(d.urls, r.URL)
		return ref, warc.ProfileServerNotModified, ok && ref.url == r.URL, err
	}
	digest := bare(r.ContentDigest)
	if d.empty[digest] {
		return ref, "", false, nil
	}
	ref, ok, err = d.at(d.payloads, digest)
	return ref, warc.ProfileIdenticalPayload, ok && ref.digest == digest, err
}

func (d *dedup) at(m map[uint64]int64, key string) (reference, bool, error) {
	off, ok := m[d.hash(key)]
	if !ok {
		return reference{}, false, nil
	}
	ref, err := d.read(off)
	return ref, err == nil, err
}

// add makes a response known. The first that holds a payload stays the one
// that is referred to; a URL leads to the newest.
func (d *dedup) add(r *capture.Row) error {
	digest := bare(r.ContentDigest)
	if d.empty[digest] || r.FetchStatus == 304 {
		return nil
	}
	off := d.refs.size()
	if err := d.refs.append(d.encode(r)); err != nil {
		return err
	}
	if _, known := d.payloads[d.hash(digest)]; !known {
		d.payloads[d.hash(digest)] = off
	}
	if r.FetchStatus == 200 {
		d.urls[d.hash(r.URL)] = off
	}
	return nil
}

// addRevisit makes known that a URL gave a payload that is held already.
func (d *dedup) addRevisit(r *capture.Row) {
	if r.FetchStatus != 200 {
		return
	}
	if off, ok := d.payloads[d.hash(bare(r.ContentDigest))]; ok {
		d.urls[d.hash(r.URL)] = off
	}
}

// encode writes a reference: length, time, and three texts with their lengths.
func (d *dedup) encode(r *capture.Row) []byte {
	b := append(d.scratch[:0], 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint64(b, uint64(r.FetchTime))
	for _, s := range []string{r.CaptureID, bare(r.ContentDigest), r.URL} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	d.scratch = b
	return b
}

func (d *dedup) read(off int64) (reference, error) {
	var head [4]byte
	if err := d.refs.readAt(head[:], off); err != nil {
		return reference{}, err
	}
	b := make([]byte, binary.BigEndian.Uint32(head[:]))
	if err := d.refs.readAt(b, off+4); err != nil {
		return reference{}, err
	}
	ref := reference{fetched: int64(binary.BigEndian.Uint64(b))}
	b = b[8:]
	for _, s := range []*string{&ref.captureID, &ref.digest, &ref.url} {
		n, width := binary.Uvarint(b)
		*s = string(b[width : width+int(n)])
		b = b[width+int(n):]
	}
	return ref, nil
}

// drop forgets what came behind the committed part. (A URL whose newest
// response is forgotten has none then; a 304 of it is kept as it is.)
func (d *dedup) drop() {
	for _, m := range []map[uint64]int64{d.payloads, d.urls} {
		for key, off := range m {
			if off >= d.committed {
				delete(m, key)
			}
		}
	}
	d.committed = d.refs.size()
}

// load makes a committed row known.
func (d *dedup) load(r *archive.KnownCapture) error {
	row := capture.Row{URL: r.URL, CaptureID: r.CaptureID, ContentDigest: r.ContentDigest,
		FetchTime: r.FetchTime, FetchStatus: r.FetchStatus}
	if r.RecordType == capture.RecordRevisit {
		if r.FetchStatus == 304 {
			row.FetchStatus = 200 // it confirmed what the URL gave earlier
		}
		d.addRevisit(&row)
		return nil
	}
	if err := d.add(&row); err != nil {
		return fmt.Errorf("load known captures: %w", err)
	}
	return nil
}

// warcReference is a reference as warc wants it. The record's id is left to
// the readers: URL, time and digest name the record.
func (ref *reference) warcReference() warc.Reference {
	return warc.Reference{TargetURI: ref.url, Date: time.UnixMicro(ref.fetched).UTC(),
		PayloadDigest: labelled(ref.digest)}
}
