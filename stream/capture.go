package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"newsreel/capture"
)

// Headers of the messages of a run log. The server's own (Nats-Msg-Id and the
// batch and expectation headers) stand beside them.
const (
	// HeaderEpoch is the sequence of the claim under which an owner wrote.
	HeaderEpoch = "Nr-Epoch"
	// HeaderCapture is a capture's id, on captures and on results.
	HeaderCapture = "Nr-Capture"
	// HeaderMembers is the lengths of the gzip members of a capture, in bytes:
	// the response's and the request's, "18734,402".
	HeaderMembers = "Nr-Members"
	// HeaderRow is the capture's row as JSON, see capture.Row.
	HeaderRow = "Nr-Row"
	// HeaderRowBytes stands on a capture instead of HeaderRow where the row is
	// long (of a URL of 8 KiB, say, which stands in it in several forms): the
	// row is then the last so many bytes of the body.
	HeaderRowBytes = "Nr-Row-Bytes"
	// HeaderDue is "1" on a capture that an extraction result is due for.
	HeaderDue = "Nr-Due"
	// HeaderStaged is the key of the object that holds what is too large for
	// the message. The message's body is then empty, but for a long row.
	HeaderStaged = "Nr-Staged"
	// HeaderResult is what an extraction came to: article, none or failed.
	HeaderResult = "Nr-Result"
	// HeaderAgain marks a result that was asked for after a failed one.
	HeaderAgain = "Nr-Again"
)

// MaxInline is the most bytes that a message of a run log carries itself: a
// NATS server's default max_payload (1 MiB) must do, headers included. What is
// larger is put to the object store under staging/ and referred to.
const MaxInline = 768 << 10

// Capture is one exchange kept, as it travels from a crawler to extractors and
// archivers.
type Capture struct {
	Row       capture.Row
	Partition int
	// Epoch is set on what was read, and by Batch on what is published.
	Epoch uint64
	// Due says that an extraction result is due: 2xx, sniffed HTML, a page in
	// scope, and extraction wanted.
	Due bool
	// ResponseLen and RequestLen are the lengths of the two gzip members that
	// follow each other in Fragment. RequestLen may be 0.
	ResponseLen, RequestLen int
	// Fragment is the WARC fragment: the response record and the request
	// record, a gzip member each, ready to be appended to a WARC file. Empty
	// where Staged names the object that holds it.
	Fragment []byte
	Staged   string

	// Sequence of the message that it was read from, 0 before it is published.
	Sequence uint64
}

func (c *Capture) message(streamName string) (*nats.Msg, error) {
	row, err := rowJSON(&c.Row)
	if err != nil {
		return nil, fmt.Errorf("capture %s: row: %w", c.Row.CaptureID, err)
	}
	m := nats.NewMsg(Subject(streamName, ClassCapture, c.Partition))
	m.Header[nats.MsgIdHdr] = []string{"c" + c.Row.CaptureID}
	m.Header[HeaderCapture] = []string{c.Row.CaptureID}
	m.Header[HeaderMembers] = []string{strconv.Itoa(c.ResponseLen) + "," + strconv.Itoa(c.RequestLen)}
	if c.Due {
		m.Header[HeaderDue] = []string{"1"}
	}
	if c.Staged != "" {
		m.Header[HeaderStaged] = []string{c.Staged}
	} else {
		m.Data = c.Fragment
	}
	if len(row) <= maxRowHeader {
		m.Header[HeaderRow] = []string{string(row)}
	} else {
		m.Header[HeaderRowBytes] = []string{strconv.Itoa(len(row))}
		m.Data = slices.Concat(m.Data, row)
	}
	return m, nil
}

// maxRowHeader is the longest row that goes into a header. A server takes
// 64 KiB of headers for a message, whatever its max_payload.
const maxRowHeader = 32 << 10

// rowJSON writes a row without escapes for HTML: a URL of ampersands would be
// six times as long, and head and fragment have to fit into one message.
func rowJSON(row *capture.Row) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(row); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// SplitRow returns the JSON of a capture's row, and what the body of its
// message holds besides. They share memory with the entry.
func SplitRow(e Entry) (row, fragment []byte, err error) {
	size := e.Header.Get(HeaderRowBytes)
	if size == "" {
		return []byte(e.Header.Get(HeaderRow)), e.Data, nil
	}
	n, err := strconv.Atoi(size)
	if err != nil || n < 0 || n > len(e.Data) {
		return nil, nil, fmt.Errorf("capture message %d: %s %q in %d bytes", e.Sequence, HeaderRowBytes, size, len(e.Data))
	}
	at := len(e.Data) - n
	return e.Data[at:], e.Data[:at:at], nil
}

// ParseCapture reads a capture message. Fragment shares memory with the entry.
func ParseCapture(e Entry) (*Capture, error) {
	row, fragment, err := SplitRow(e)
	if err != nil {
		return nil, err
	}
	c := &Capture{Partition: e.Partition, Epoch: e.Epoch, Sequence: e.Sequence,
		Fragment: fragment, Staged: e.Header.Get(HeaderStaged), Due: e.Header.Get(HeaderDue) == "1"}
	if err := json.Unmarshal(row, &c.Row); err != nil {
		return nil, fmt.Errorf("capture message %d: row: %w", e.Sequence, err)
	}
	a, b, ok := strings.Cut(e.Header.Get(HeaderMembers), ",")
	var errA, errB error
	c.ResponseLen, errA = strconv.Atoi(a)
	c.RequestLen, errB = strconv.Atoi(b)
	if !ok || errA != nil || errB != nil || c.ResponseLen < 0 || c.RequestLen < 0 {
		return nil, fmt.Errorf("capture message %d: %s %q", e.Sequence, HeaderMembers, e.Header.Get(HeaderMembers))
	}
	if c.Staged == "" && c.ResponseLen+c.RequestLen != len(c.Fragment) {
		return nil, fmt.Errorf("capture message %d: %d bytes where its members have %d",
			e.Sequence, len(c.Fragment), c.ResponseLen+c.RequestLen)
	}
	return c, nil
}
