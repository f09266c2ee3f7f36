package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"newsreel/internal/weburl"
	"newsreel/stream"
)

// leaseState is this process's lease, renewed in the background.
type leaseState struct {
	deadline atomic.Int64 // of fetching, in nanoseconds on start's monotonic clock
	start    time.Time
	cancel   context.CancelFunc
	done     sync.WaitGroup
	lease    *stream.Lease
}

// mayFetch says whether the lease still holds by our own clock. On a locked
// folder the lock is what holds, and nobody can take over.
func (c *Crawler) mayFetch() bool {
	return c.s.Exclusive || int64(time.Since(c.lease.start)) < c.lease.deadline.Load()
}

func (c *Crawler) takeLease(ctx context.Context) error {
	leases, err := stream.OpenLeases(ctx, c.s.NATS, 1)
	if err != nil {
		return err
	}
	lease, err := leases.Take(ctx, c.s.ID, stream.LeaseTTL)
	if err != nil {
		return err
	}
	c.lease.start = time.Now()
	c.lease.lease = lease
	c.lease.deadline.Store(int64(time.Until(lease.Deadline)))
	renewing, cancel := context.WithCancel(ctx)
	c.lease.cancel = cancel
	c.lease.done.Add(1)
	go func() {
		defer c.lease.done.Done()
		c.renew(renewing, leases)
	}()
	return nil
}

func (c *Crawler) renew(ctx context.Context, leases *stream.Leases) {
	tick := time.NewTicker(stream.LeaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lease := c.lease.lease
		err := lease.Renew(ctx)
		if errors.Is(err, stream.ErrLost) {
			c.s.Log.Warn("lease ran out", "crawler", c.s.ID)
			if again, err := leases.Take(ctx, c.s.ID, stream.LeaseTTL); err == nil {
				c.lease.lease, lease = again, again
			}
		}
		c.lease.deadline.Store(int64(lease.Deadline.Sub(c.lease.start)))
	}
}

func (c *Crawler) endLease() {
	c.lease.cancel()
	c.lease.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := c.lease.lease.End(ctx); err != nil {
		c.s.Log.Debug("end lease", "error", err)
	}
}

// claim takes every partition of the run.
func (c *Crawler) claim(ctx context.Context) error {
	owners, err := c.run.Log.Owners(ctx)
	if err != nil {
		return err
	}
	claims, err := c.run.Log.ClaimAll(ctx, c.s.ID, owners, c.s.Now().UTC())
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	for _, claim := range claims {
		c.front.Own(claim)
	}
	return c.loadSnapshots(ctx)
}

func (c *Crawler) runNumber() int { return c.run.Number }

func originOf(url string) string { return weburl.Origin(url) }
