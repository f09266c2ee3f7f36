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
	codeSequenceInProcess  jetstream.ErrorCode = 10164 // another message of the subject is on its way
	codeMaxBytes           jetstream.ErrorCode = 10077
	codeStoreFull          jetstream.ErrorCode = 10023
	codeAccountFull        jetstream.ErrorCode = 10002
	codeFileStoreFull      jetstream.ErrorCode = 10047
	codeNoPeers            jetstream.ErrorCode = 10005 // no servers of a cluster have room for a stream
	codeDuplicateInBatch   jetstream.ErrorCode = 10201 // stored before
	codeDuplicateInProcess jetstream.ErrorCode = 10158 // an earlier try is not done yet
	codeIncomplete         jetstream.ErrorCode = 10176 // a message of the batch did not arrive
	codeNotLeader          jetstream.ErrorCode = 10009
	codeStreamOffline      jetstream.ErrorCode = 10118
	codeStoreCreate        jetstream.ErrorCode = 10049 // the stream's folder cannot be made
)

func code(err error) jetstream.ErrorCode {
	if api := apiError(err); api != nil {
		return api.ErrorCode
	}
	return 0
}

func apiError(err error) *jetstream.APIError {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api
	}
	var js jetstream.JetStreamError
	if errors.As(err, &js) {
		return js.APIError()
	}
	return nil
}

// full says whether the server refused for want of room.
func full(err error) bool {
	switch code(err) {
	case codeMaxBytes, codeStoreFull, codeAccountFull, codeFileStoreFull, codeNoPeers:
		return true
	}
	return false
}

func asFull(err error) error {
	if full(err) {
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
	for _, e := range []error{context.DeadlineExceeded, context.Canceled, nats.ErrTimeout, nats.ErrNoResponders,
		jetstream.ErrNoStreamResponse, nats.ErrConnectionClosed, nats.ErrDisconnected,
		nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Passing says whether the same request may succeed later, without anyone's
// doing: the server is away, starts, elects a leader, or has too much to do.
func Passing(err error) bool { return err != nil && passing(err) }

// passing says whether the same request may succeed later, without anyone's
// doing: the server is away, starts, elects a leader, or has too much to do.
func passing(err error) bool {
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, jetstream.ErrConnectionClosed) {
		return false // for good
	}
	api := apiError(err)
	if api == nil {
		return Ambiguous(err) || errors.Is(err, jetstream.ErrNoHeartbeat)
	}
	switch api.ErrorCode {
	case codeSequenceInProcess, codeDuplicateInProcess, codeIncomplete, codeNotLeader, codeStreamOffline:
		return true
	}
	return api.Code == 503 || api.Code == 429
}

// asGone makes a missing stream ErrNotFound.
func asGone(err error) error {
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}
