package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	// HeaderDue is "1" on a capture that an extraction result is due for.
	HeaderDue = "Nr-Due"
	// HeaderStaged is the key of the object that holds what is too large for
	// the message. The message's body is then empty.
	HeaderStaged = "Nr-Staged"
	// HeaderResult is what an extraction came to: article, none or failed.
	HeaderResult = "Nr-Result"
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
	// Without escapes for HTML: a URL of ampersands would be six times as long,
	// and head and fragment have to fit into one message.
	var row bytes.Buffer
	enc := json.NewEncoder(&row)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&c.Row); err != nil {
		return nil, fmt.Errorf("capture %s: row: %w", c.Row.CaptureID, err)
	}
	m := nats.NewMsg(Subject(streamName, ClassCapture, c.Partition))
	m.Header[nats.MsgIdHdr] = []string{"c" + c.Row.CaptureID}
	m.Header[HeaderCapture] = []string{c.Row.CaptureID}
	m.Header[HeaderMembers] = []string{strconv.Itoa(c.ResponseLen) + "," + strconv.Itoa(c.RequestLen)}
	m.Header[HeaderRow] = []string{string(bytes.TrimSuffix(row.Bytes(), []byte("\n")))}
	if c.Due {
		m.Header[HeaderDue] = []string{"1"}
	}
	if c.Staged != "" {
		m.Header[HeaderStaged] = []string{c.Staged}
	} else {
		m.Data = c.Fragment
	}
	return m, nil
}

// ParseCapture reads a capture message. Fragment shares memory with the entry.
func ParseCapture(e Entry) (*Capture, error) {
	c := &Capture{Partition: e.Partition, Epoch: e.Epoch, Sequence: e.Sequence,
		Fragment: e.Data, Staged: e.Header.Get(HeaderStaged), Due: e.Header.Get(HeaderDue) == "1"}
	if err := json.Unmarshal([]byte(e.Header.Get(HeaderRow)), &c.Row); err != nil {
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
