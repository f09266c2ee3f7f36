package stream

import (
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"newsreel/article"
)

// What an extraction came to.
const (
	// ResultArticle carries an article.
	ResultArticle = "article"
	// ResultNone says that the page holds no article (an index page, say).
	ResultNone = "none"
	// ResultFailed says that the page could not be extracted, see Error.
	ResultFailed = "failed"
)

// Result is what an extractor says of a capture. The first for a capture
// counts, and after a failed one the first with Again that did not fail, if it
// comes before the capture is archived; others are dropped.
type Result struct {
	CaptureID string
	Partition int
	// Kind is ResultArticle, ResultNone or ResultFailed.
	Kind string
	// Article is set for ResultArticle, and for ResultNone may say what the
	// page is instead.
	Article *article.Article
	// Error says why a failed one failed. URL is then the capture's, and
	// CaptureSequence that of its message.
	Error           string
	URL             string
	CaptureSequence uint64
	// Again marks a result that was asked for after a failed one.
	Again  bool
	Staged string

	Sequence uint64

	body []byte // what Body returned
}

type resultBody struct {
	Article *article.Article `json:"article,omitempty"`
	Error   string           `json:"error,omitempty"`
	URL     string           `json:"url,omitempty"`
	Capture uint64           `json:"capture,omitempty"`
}

func (r *Result) message(streamName string) (*nats.Msg, error) {
	m := nats.NewMsg(Subject(streamName, ClassResult, r.Partition))
	id := "r" + r.CaptureID
	if r.Again {
		id += "-" + nuid.Next()
		m.Header[HeaderAgain] = []string{"1"}
	}
	m.Header[nats.MsgIdHdr] = []string{id}
	m.Header[HeaderCapture] = []string{r.CaptureID}
	m.Header[HeaderResult] = []string{r.Kind}
	if r.Staged != "" {
		m.Header[HeaderStaged] = []string{r.Staged}
		return m, nil
	}
	data, err := r.Body()
	m.Data = data
	return m, err
}

// Body is the JSON form of a result's article or error, as it stands in the
// message or in the staged object. It is made once: changes after the first
// call do not show.
func (r *Result) Body() ([]byte, error) {
	if r.body != nil {
		return r.body, nil
	}
	data, err := json.Marshal(resultBody{Article: r.Article, Error: r.Error, URL: r.URL, Capture: r.CaptureSequence})
	if err != nil {
		return nil, fmt.Errorf("result of capture %s: %w", r.CaptureID, err)
	}
	r.body = data
	return data, nil
}

// ParseResult reads a result message. Where Staged is set, the body is in the
// object of that key, and ReadBody fills the rest.
func ParseResult(e Entry) (*Result, error) {
	r := &Result{CaptureID: e.Header.Get(HeaderCapture), Partition: e.Partition, Sequence: e.Sequence,
		Kind: e.Header.Get(HeaderResult), Again: e.Header.Get(HeaderAgain) != "", Staged: e.Header.Get(HeaderStaged)}
	switch r.Kind {
	case ResultArticle, ResultNone, ResultFailed:
	default:
		return nil, fmt.Errorf("result message %d: kind %.20q: %w", e.Sequence, r.Kind, ErrNewer)
	}
	if r.Staged != "" {
		return r, nil
	}
	return r, r.ReadBody(e.Data)
}

// ReadBody reads what Body wrote.
func (r *Result) ReadBody(data []byte) error {
	var b resultBody
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("result of capture %s: %w", r.CaptureID, err)
	}
	r.Article, r.Error, r.URL, r.CaptureSequence = b.Article, b.Error, b.URL, b.Capture
	return nil
}
