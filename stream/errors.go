package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrLost says that another holds the claim or the lease by now, or that a
	// compare-and-set came too late.
	ErrLost = errors.New("lost to another")
	// ErrFull says that the stream or the server's store takes no more. It
	// ends when the archiver has purged.
	ErrFull = errors.New("run log is full")
)

// Error codes of the JetStream API that have a meaning here.
const (
	codeWrongLastSequence  jetstream.ErrorCode = 10071 // also the fence of a batch
	codeMaxBytes           jetstream.ErrorCode = 10077
	codeStoreFull          jetstream.ErrorCode = 10023
	codeDuplicateInBatch   jetstream.ErrorCode = 10201
	codeTooManyInflight    jetstream.ErrorCode = 10210
	codeTooManyInflightOld jetstream.ErrorCode = 10211
	codeSequenceConstant   jetstream.ErrorCode = 10164
)

func code(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	var js jetstream.JetStreamError
	if errors.As(err, &js) && js.APIError() != nil {
		return js.APIError().ErrorCode
	}
	return 0
}

func asFull(err error) error {
	switch code(err) {
	case codeMaxBytes, codeStoreFull:
		return fmt.Errorf("%w (%v)", ErrFull, err)
	}
	return err
}

// Ambiguous says whether an error leaves open if the server stored the
// message: the answer was lost, not the question refused.
func Ambiguous(err error) bool {
	if err == nil || code(err) != 0 {
		return false
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) ||
		errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrDisconnected) ||
		errors.Is(err, nats.ErrConnectionReconnecting) || errors.Is(err, context.Canceled)
}
