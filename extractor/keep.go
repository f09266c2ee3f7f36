package extractor

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/diepoint"
	"newsreel/stream"
)

// extracted is a result on its way into the run log. The delivery that it is
// of stays ours until release is called.
type extracted struct {
	delivery *stream.Delivery
	result   *stream.Result
	release  func()
}

// keep stores results until the workers are done: all that came while the last
// were stored go together, since each storing waits for the disk. Then their
// captures are acknowledged.
func (w *Worker) keep(ctx context.Context, results <-chan extracted) {
	for first := range results {
		batch, size := []extracted{first}, first.size()
		for more := true; more && len(batch) < stream.BatchMessages && size < stream.BatchBytes; {
			select {
			case e, ok := <-results:
				if more = ok; ok {
					batch, size = append(batch, e), size+e.size()
				}
			default:
				more = false
			}
		}
		err := w.store(ctx, batch)
		diepoint.Here("extract.stored")
		for _, e := range batch {
			if err == nil {
				w.done.Add(1)
				if e.result.Kind == stream.ResultFailed {
					w.failed.Add(1)
				}
				// One that is lost brings the page again, and its result is
				// dropped as a repeated one.
				_ = e.delivery.Ack()
				diepoint.Here("extract.acked")
			}
			e.release()
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			w.s.Log.Warn("extraction results not stored; the pages come again", "pages", len(batch), "error", err)
		}
	}
}

func (e extracted) size() int {
	if e.result.Staged != "" {
		return 0
	}
	body, _ := e.result.Body() // made before
	return len(body)
}

func (w *Worker) store(ctx context.Context, batch []extracted) error {
	results := make([]*stream.Result, len(batch))
	for i, e := range batch {
		results[i] = e.result
	}
	err := w.log.Results(ctx, results)
	if !errors.Is(err, stream.ErrFull) {
		return err
	}
	// The archiver, which makes room, waits for these: their names are small.
	for _, r := range results {
		if err := w.put(ctx, r); err != nil {
			return err
		}
	}
	return w.log.Results(ctx, results)
}
