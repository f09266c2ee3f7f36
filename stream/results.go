package stream

import (
	"context"
	"fmt"
)

// Results stores several results at the price of one: in one atomic batch. It
// is Result for each of them where that is not possible: a batch that repeats
// one stored already is refused whole, and of one whose answer was lost nobody
// knows. They are durable when Results returns nil; after an error some may
// be, and all may be stored again.
func (l *Log) Results(ctx context.Context, results []*Result) error {
	if len(results) > 1 {
		batch := l.NewBatch()
		for _, r := range results {
			m, err := r.message(l.name)
			if err != nil {
				return err
			}
			batch.add(Claim{Partition: r.Partition}, m)
		}
		if l.send(ctx, batch) == nil {
			return nil
		}
	}
	for _, r := range results {
		if ctx.Err() != nil {
			return fmt.Errorf("run log %s: results: %w", l.name, ctx.Err())
		}
		if err := l.Result(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
