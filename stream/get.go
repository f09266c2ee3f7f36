package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// answerTime bounds the wait for one answer of the server.
const answerTime = 5 * time.Second

// withDeadline gives a context the deadline that every request needs: one that
// was lost with a server is never answered, however long the caller has.
func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, answerTime)
}

// getRequest is the body of a STREAM.MSG.GET request: the last message of a
// subject, or the first of a subject at or after a sequence. Subjects may have
// wildcards.
type getRequest struct {
	Last string `json:"last_by_subj,omitempty"`
	Next string `json:"next_by_subj,omitempty"`
	Seq  uint64 `json:"seq,omitempty"`
}

// getMessage asks the stream's leader for a message, or returns ErrNotFound; a
// stream that is gone is jetstream.ErrStreamNotFound. The client would ask any
// replica (direct get), and one that lags in a cluster tells of a former
// state: of a claim that is lost by now, or of an in.P without its newest
// discoveries.
func getMessage(ctx context.Context, nc *nats.Conn, stream string, r getRequest) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	m, err := askTwice(ctx, nc, jetstream.DefaultAPIPrefix+"STREAM.MSG.GET."+stream, body)
	if err != nil {
		return nil, err
	}
	var a struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Subject  string    `json:"subject"`
			Sequence uint64    `json:"seq"`
			Header   []byte    `json:"hdrs"`
			Data     []byte    `json:"data"`
			Time     time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return nil, fmt.Errorf("answer to STREAM.MSG.GET: %w", err)
	}
	switch {
	case a.Error != nil && a.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return nil, ErrNotFound
	case a.Error != nil:
		return nil, a.Error
	case a.Message == nil:
		return nil, errors.New("answer to STREAM.MSG.GET without a message")
	}
	raw := &jetstream.RawStreamMsg{Subject: a.Message.Subject, Sequence: a.Message.Sequence,
		Data: a.Message.Data, Time: a.Message.Time}
	if len(a.Message.Header) > 0 {
		if raw.Header, err = nats.DecodeHeadersMsg(a.Message.Header); err != nil {
			return nil, fmt.Errorf("headers of message %d: %w", raw.Sequence, err)
		}
	}
	return raw, nil
}

// firstAnswer is how long the first of two equal questions waits.
const firstAnswer = time.Second

// askTwice asks what changes nothing, and once more if no answer comes soon: a
// stream that has no leader yet, or just lost it, leaves the first unanswered.
func askTwice(ctx context.Context, nc *nats.Conn, subject string, body []byte) (*nats.Msg, error) {
	first, cancel := context.WithTimeout(ctx, firstAnswer)
	m, err := nc.RequestWithContext(first, subject, body)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		m, err = nc.RequestWithContext(ctx, subject, body)
	}
	return m, err
}

// last returns the last message of a subject, which may have wildcards.
func (l *Log) last(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	return getMessage(ctx, l.js.Conn(), l.name, getRequest{Last: subject})
}

// lastOf returns the sequence of the last message of any of the classes, all
// of them if none is named; 0 if there is none.
func (l *Log) lastOf(ctx context.Context, classes []string) (uint64, error) {
	if len(classes) == 0 {
		s, err := l.State(ctx)
		if s.Messages == 0 {
			return 0, err
		}
		return s.LastSeq, err
	}
	newest := uint64(0)
	for _, c := range classes {
		m, err := l.last(ctx, ClassFilter(l.name, c))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		newest = max(newest, m.Sequence)
	}
	return newest, nil
}
