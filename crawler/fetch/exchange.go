package fetch

import (
	"io"
	"net/netip"
	"strings"
	"time"

	"newsreel/internal/content"
)

// Values of Exchange.Truncated (WARC/1.1, WARC-Truncated).
const (
	TruncatedLength      = "length"
	TruncatedTime        = "time"
	TruncatedDisconnect  = "disconnect"
	TruncatedUnspecified = "unspecified"
)

// Exchange is one request and its response, as they were on the wire. Its
// owner closes it; what it holds is not valid after that.
type Exchange struct {
	URL          string
	RequestBytes []byte

	// Response is the response message as the server sent it: head, body with
	// chunk framing and trailers, nothing else.
	Response *Recording
	Interim  [][]byte // 1xx heads that came before, as sent
	Excess   []byte   // what had already been read beyond the end of the message, at most 64 KiB
	Status   int      // three digits; 200 where the head has none, as browsers take it
	Reason   string
	Fields   []Field // order, case and duplicates kept; values trimmed
	HeadLen  int     // offset of the body in Response; 0 if the answer has no head

	Truncated string   // "" or one of the Truncated constants
	Limit     string   // the limit that cut it: body, head, chunk_line, exchange
	Notes     []string // each leniency, in short stable words

	Remote           netip.AddrPort // the address spoken to; zero behind a proxy
	Protocols        []string       // as in WARC-Protocol: http/1.1, tls/1.3
	CipherSuite      string         // as in WARC-Cipher-Suite
	CertificateError string         // under Certificates "record": why it does not verify

	Started     time.Time
	ConnectTime time.Duration // 0 on a connection used again
	FirstByte   time.Duration // since the request was sent
	Duration    time.Duration // of everything
	Reused      bool          // on a connection that had served before
	Resent      bool          // sent a second time: the first, reused connection was dead

	body       bodyKind
	maxLine    int
	maxHead    int
	codings    []string // transfer codings other than chunked
	coded      []string // content codings
	payloadLen int64
	limits     content.Limits
	pools      *content.Pools
	shared     *memory
	lent       [][]byte // view buffers, given back on Close
	loan       loan     // budget taken for views
	view       *View
}

// Payload reads the entity: chunk framing undone, content and transfer codings
// kept. Each call starts anew; none may be used after Close.
func (e *Exchange) Payload() io.Reader {
	body := e.Response.section(int64(e.HeadLen), e.Response.Len())
	if e.body == bodyChunked {
		return newChunkReader(body, e.maxLine, e.maxHead)
	}
	return body
}

// PayloadLen is the number of bytes that Payload gives.
func (e *Exchange) PayloadLen() int64 { return e.payloadLen }

// payloadBytes gives the payload without copying, where it lies in one piece.
func (e *Exchange) payloadBytes() ([]byte, bool) {
	b, whole := e.Response.Bytes()
	if !whole || e.body == bodyChunked {
		return nil, false
	}
	return b[e.HeadLen:], true
}

// Header gives the value of the first field called name, in any case.
func (e *Exchange) Header(name string) string {
	for i := range e.Fields {
		if strings.EqualFold(e.Fields[i].Name, name) {
			return e.Fields[i].Value
		}
	}
	return ""
}

// Location is the raw redirect target, trimmed, or "".
func (e *Exchange) Location() string { return strings.TrimSpace(e.Header("Location")) }

// Close gives memory and spill file back. It may be called more than once.
func (e *Exchange) Close() error {
	if e == nil {
		return nil
	}
	for _, b := range e.lent {
		if e.shared != nil {
			e.shared.buffers.put(b)
		}
	}
	e.lent, e.view = nil, nil
	e.loan.end()
	return e.Response.Close()
}
