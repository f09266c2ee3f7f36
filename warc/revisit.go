package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// Reference names the record that a revisit stands for.
type Reference struct {
	RecordID  string // `<urn:uuid:…>`, may be empty
	TargetURI string
	Date      time.Time
	// PayloadDigest is that of the record referred to. A revisit by
	// ProfileServerNotModified takes it, since a 304 has no payload; others
	// have one of their own.
	PayloadDigest Digest
}

// Revisit returns head and block of the revisit record that takes the place of
// a response record: httpHead is the HTTP head at the beginning of its block,
// profile one of ProfileIdenticalPayload and ProfileServerNotModified. The
// response's id, date and other fields are kept; the block digest is computed
// anew, by the algorithm of the old one. A payload that was left out is named
// by WARC-Truncated: length, which the first profile demands; bodyDropped says
// whether there was one. (WARC/1.1, revisit)
func Revisit(response Header, httpHead []byte, bodyDropped bool, ref Reference, profile string) (Header, []byte) {
	h := make(Header, 0, len(response)+6)
	for _, f := range response {
		switch f.Name {
		case FieldRefersTo, FieldRefersToTargetURI, FieldRefersToDate, FieldProfile, FieldContentLength:
			continue
		}
		h = append(h, f)
	}
	h.Set(FieldType, TypeRevisit)
	h.Set(FieldProfile, profile)
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set(FieldRefersTo, ref.RecordID)
	set(FieldTargetURI, EncodeURI(TargetURI(response)))
	set(FieldRefersToTargetURI, EncodeURI(ref.TargetURI))
	if !ref.Date.IsZero() {
		h.Set(FieldRefersToDate, FormatDate(ref.Date))
	}
	if bodyDropped {
		h.Set(FieldTruncated, TruncatedLength)
	}
	if profile == ProfileServerNotModified {
		h.Del(FieldPayloadDigest)
		set(FieldPayloadDigest, string(ref.PayloadDigest))
	}
	alg := Digest(h.Get(FieldBlockDigest)).Algorithm()
	if alg == "" {
		alg = SHA1
	}
	h.Set(FieldBlockDigest, string(Sum(alg, httpHead)))
	return h, httpHead
}

// maxHTTPHead bounds the HTTP head that a rewritten record may have.
const maxHTTPHead = 4 << 20

// ErrNotResponse says that a record is no response with an HTTP head.
var ErrNotResponse = errors.New("not an HTTP response record")

// RewriteAsRevisit returns the gzip member of the revisit record, by
// ProfileIdenticalPayload, that takes the place of the response record in
// member; only as much of it is decompressed as its HTTP head needs. It keeps
// the record's id, and its WARC-Payload-Digest, without which it is refused
// with ErrNoDigest. Another record than a response is ErrNotResponse.
func RewriteAsRevisit(enc *Encoder, member []byte, ref Reference) ([]byte, error) {
	return rewrite(enc, member, ref, ProfileIdenticalPayload)
}

// RewriteAsNotModified is RewriteAsRevisit for the response record of a 304,
// by ProfileServerNotModified.
func RewriteAsNotModified(enc *Encoder, member []byte, ref Reference) ([]byte, error) {
	return rewrite(enc, member, ref, ProfileServerNotModified)
}

func rewrite(enc *Encoder, member []byte, ref Reference, profile string) ([]byte, error) {
	rec, err := NewReader(bytes.NewReader(member)).Next()
	if errors.Is(err, io.EOF) {
		err = ErrNotResponse
	}
	if err != nil {
		return nil, fmt.Errorf("rewrite as revisit: %w", err)
	}
	head, msg, bodyDropped, err := readHTTPHead(rec)
	if err != nil {
		return nil, fmt.Errorf("rewrite record %s as revisit: %w", rec.ID(), err)
	}
	if rec.Type() != TypeResponse || msg.Status == 0 {
		return nil, fmt.Errorf("rewrite record %s as revisit: %w", rec.ID(), ErrNotResponse)
	}
	if profile == ProfileIdenticalPayload && Digest(rec.Header.Get(FieldPayloadDigest)).Algorithm() == "" {
		return nil, fmt.Errorf("rewrite record %s as revisit: %w", rec.ID(), ErrNoDigest)
	}
	h, block := Revisit(rec.Header, head, bodyDropped, ref, profile)
	out, err := enc.AppendMember(nil, h, block)
	if err != nil {
		return nil, fmt.Errorf("rewrite as revisit: %w", err)
	}
	return out, nil
}

// readHTTPHead reads a record's block as far as its HTTP head goes, and says
// whether there is more of it.
func readHTTPHead(rec *Record) (head []byte, msg HTTPBlock, more bool, err error) {
	buf := make([]byte, 0, 4<<10)
	for {
		var n int
		n, err = io.ReadFull(rec.Block, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		atEnd := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !atEnd {
			return nil, msg, false, err
		}
		if msg, err = ParseHTTPBlock(buf); err == nil && (msg.HeadEnd < len(buf) || atEnd) {
			more = msg.HeadEnd < len(buf) || rec.Length > int64(len(buf))
			return buf[:msg.HeadEnd], msg, more, nil
		}
		if atEnd {
			return nil, msg, false, ErrNotResponse
		}
		if len(buf) >= maxHTTPHead {
			return nil, msg, false, fmt.Errorf("HTTP head over %d bytes: %w", maxHTTPHead, ErrTooLarge)
		}
		buf = append(make([]byte, 0, 4*cap(buf)), buf...)
	}
}
