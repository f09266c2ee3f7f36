package crawler

import (
	"bytes"
	"context"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"

	"newsreel/crawler/fetch"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/job"
	"newsreel/stream"
	"newsreel/warc"
)

// recorder turns exchanges into WARC fragments: the response record and the
// request record, a gzip member each. One per worker.
type recorder struct {
	c      *Crawler
	random io.Reader
}

func newRecorder(c *Crawler, random io.Reader) *recorder {
	return &recorder{c: c, random: random}
}

// fragment is what a recorder makes of an exchange.
type fragment struct {
	id            string // the capture's: the uuid of its response record
	payloadDigest warc.Digest
	data          []byte // empty if staged
	staged        string
	responseLen   int
	requestLen    int
}

// record writes both records. The block of the response is the bytes as the
// server sent them; its payload digest is over the payload without chunk
// framing, content-encoding kept. (WARC/1.1, WARC-Payload-Digest)
func (r *recorder) record(ctx context.Context, ex *fetch.Exchange, mediaType string, doc *job.Document) (*fragment, error) {
	responseID, err := warc.NewRecordID(r.random)
	if err != nil {
		return nil, err
	}
	requestID, err := warc.NewRecordID(r.random)
	if err != nil {
		return nil, err
	}
	alg := warc.SHA1
	if doc.Archive.Digest == "sha256" {
		alg = warc.SHA256
	}
	payload, err := digest(alg, ex.Payload())
	if err != nil {
		return nil, fmt.Errorf("digest payload: %w", err)
	}
	response := warc.Capture{RecordID: responseID, TargetURI: ex.URL, Date: ex.Started, IP: ex.Remote.Addr(),
		Truncated: ex.Truncated, PayloadDigest: payload, Protocols: ex.Protocols, CipherSuite: ex.CipherSuite,
		PayloadType: mediaType}
	request := warc.Capture{RecordID: requestID, TargetURI: ex.URL, Date: ex.Started, IP: ex.Remote.Addr(),
		ConcurrentTo: []string{responseID}, BlockDigest: warc.Sum(alg, ex.RequestBytes),
		Protocols: ex.Protocols, CipherSuite: ex.CipherSuite}
	f := &fragment{id: strings.TrimSuffix(strings.TrimPrefix(responseID, "<urn:uuid:"), ">"), payloadDigest: payload}
	if whole, ok := ex.Response.Bytes(); ok {
		response.BlockDigest = warc.Sum(alg, whole)
		err = r.inline(f, response, whole, request, ex.RequestBytes)
	} else {
		if response.BlockDigest, err = digest(alg, ex.Response.Reader()); err != nil {
			return nil, fmt.Errorf("digest block: %w", err)
		}
		return f, r.spill(ctx, f, response, ex, request)
	}
	if err != nil || len(f.data) <= stream.MaxInline {
		return f, err
	}
	return f, r.stage(ctx, f, bytes.NewReader(f.data), int64(len(f.data)))
}

func digest(alg warc.DigestAlgorithm, from io.Reader) (warc.Digest, error) {
	var h hash.Hash = warc.NewHash(alg)
	if _, err := io.Copy(h, from); err != nil {
		return "", err
	}
	return warc.FormatDigest(alg, h.Sum(nil)), nil
}

func (r *recorder) inline(f *fragment, response warc.Capture, block []byte, request warc.Capture, requestBlock []byte) error {
	z := r.c.zips.get()
	defer r.c.zips.put(z)
	var err error
	if z.buf, err = z.enc.AppendMember(z.buf[:0], warc.ResponseHeader(response), block); err != nil {
		return fmt.Errorf("response record: %w", err)
	}
	f.responseLen = len(z.buf)
	if z.buf, err = z.enc.AppendMember(z.buf, warc.RequestHeader(request), requestBlock); err != nil {
		return fmt.Errorf("request record: %w", err)
	}
	f.requestLen = len(z.buf) - f.responseLen
	f.data = append(make([]byte, 0, len(z.buf)), z.buf...)
	return nil
}

// spill writes the records of a response that is not in memory through a file.
func (r *recorder) spill(ctx context.Context, f *fragment, response warc.Capture, ex *fetch.Exchange, request warc.Capture) error {
	file, err := os.CreateTemp(r.c.s.SpoolDir, "capture-*")
	if err != nil {
		return err
	}
	defer file.Close()
	defer os.Remove(file.Name())
	z := r.c.zips.get()
	defer r.c.zips.put(z)
	n, err := z.enc.WriteMember(file, warc.ResponseHeader(response), ex.Response.Reader(), ex.Response.Len())
	if err != nil {
		return fmt.Errorf("response record: %w", err)
	}
	f.responseLen = int(n)
	member, err := z.enc.AppendMember(nil, warc.RequestHeader(request), ex.RequestBytes)
	if err != nil {
		return fmt.Errorf("request record: %w", err)
	}
	f.requestLen = len(member)
	if _, err := file.Write(member); err != nil {
		return err
	}
	size := n + int64(len(member))
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if size <= stream.MaxInline {
		f.data = make([]byte, size)
		_, err := io.ReadFull(file, f.data)
		return err
	}
	return r.stage(ctx, f, file, size)
}

// stage puts a fragment that is too large for a message to the object store,
// under the capture's id and this attempt's. A store that is away or full is
// waited for: that a page could not be kept is no fate of its own.
func (r *recorder) stage(ctx context.Context, f *fragment, from io.ReadSeeker, size int64) error {
	f.staged = stream.StagedKey(r.c.run.Log.Name(), f.id, r.c.s.ID)
	f.data = nil
	for pause := stagePause; ; pause = min(2*pause, maxStagePause) {
		if _, err := from.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("stage capture %s: %w", f.id, err)
		}
		err := r.c.s.Staging.PutStaged(ctx, f.staged, from, size)
		if err == nil {
			diepoint.Here("fetch.staged")
			return nil
		}
		if objstore.Permanent(err) {
			return fmt.Errorf("stage capture %s: %w", f.id, err)
		}
		r.c.s.Log.Warn("the object store does not take a page; waiting for it", "capture", f.id, "error", err)
		select {
		case <-ctx.Done():
			return fmt.Errorf("stage capture %s: %w", f.id, err)
		case <-time.After(pause):
		}
	}
}

// Pauses between tries to stage a fragment.
const (
	stagePause    = 200 * time.Millisecond
	maxStagePause = 5 * time.Second
)
