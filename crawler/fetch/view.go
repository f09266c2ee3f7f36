package fetch

import (
	"io"
	"strings"

	"newsreel/internal/content"
)

// View is what consumers see of an exchange that is already recorded. Its
// slices are valid until the exchange is closed, and not to be written to.
type View struct {
	URL          string
	Status       int
	MediaType    string // sniffed: see content.Sniff; "" without a body or type
	DeclaredType string // Content-Type as sent
	Charset      string // of RawBody, for text: the WHATWG Encoding standard's name, lower case
	Body         []byte // decoded; text as UTF-8 without byte order mark
	RawBody      []byte // decoded, in its own charset; may be the same slice as Body
	Limit        string // limit that cut Body: view, decompressed, ratio, memory, or the exchange's own
	DecodeError  string // why decoding ended early; Body holds what came before
	Notes        []string
}

// View decodes, sniffs and transcodes the response's body, once; later calls
// give the same view. It is not safe for concurrent use.
func (e *Exchange) View() *View {
	if e.view != nil {
		return e.view
	}
	v := &View{URL: e.URL, Status: e.Status, DeclaredType: e.Header("Content-Type"), Limit: e.Limit}
	e.view = v
	if e.payloadLen == 0 {
		v.MediaType = content.Sniff(v.DeclaredType, nil)
		return v
	}
	body := e.decode(e.limits, e.lend())
	e.keep(body.Bytes)
	v.RawBody, v.Body, v.Notes = body.Bytes, body.Bytes, body.Notes
	e.cutView(v, body.Limit)
	if body.Err != nil {
		v.DecodeError = body.Err.Error()
	}
	v.MediaType = content.Sniff(v.DeclaredType, v.RawBody)
	if isText(v.MediaType) {
		e.transcode(v)
	}
	return v
}

// Decode undoes transfer and content codings within limits, without looking at
// what the entity is. The result is the caller's to keep.
func (e *Exchange) Decode(limits content.Limits) content.Body { return e.decode(limits, nil) }

func (e *Exchange) decode(limits content.Limits, dst []byte) content.Body {
	// Content codings were applied first, transfer codings over them.
	codings := e.coded
	if len(e.codings) > 0 {
		codings = append(append([]string(nil), e.coded...), e.codings...)
	}
	return content.Decode(func() io.Reader { return e.Payload() }, e.payloadLen, codings, limits, e.pools, dst)
}

func (e *Exchange) transcode(v *View) {
	enc, name := content.Charset(v.RawBody, v.DeclaredType, v.MediaType)
	v.Charset = name
	if enc == nil {
		v.Body = trimMark(v.Body)
		return
	}
	text, limit := content.ToUTF8(e.lend(), v.RawBody, enc, e.limits)
	e.keep(text)
	v.Body = trimMark(text)
	e.cutView(v, limit)
}

func (e *Exchange) cutView(v *View, limit string) {
	if limit == "" {
		return
	}
	v.Limit = limit
	if e.shared != nil {
		e.shared.counters.add(limit)
	}
}

func trimMark(b []byte) []byte {
	if len(b) >= 3 && string(b[:3]) == "\xef\xbb\xbf" {
		return b[3:]
	}
	return b
}

// viewBuffer holds most pages without growing.
const viewBuffer = 128 << 10

// lend gives a buffer to decode into; keep notes what became of it.
func (e *Exchange) lend() []byte {
	if e.shared == nil {
		return nil
	}
	return e.shared.buffers.get(viewBuffer)
}

func (e *Exchange) keep(b []byte) { e.lent = append(e.lent, b[:0]) }

func isText(media string) bool {
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+xml") || strings.HasSuffix(media, "+json") ||
		media == "application/xml" || media == "application/json" || media == "application/javascript" || media == "application/ld+json"
}
