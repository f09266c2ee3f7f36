package local

import (
	"context"
	"time"

	"newsreel/internal/runs"
)

// heal restarts the NATS server inside the process once there is room again
// after a full disk: a write error leaves its streams dead until then.
func (r *Runner) heal(ctx context.Context, s *runs.Space) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.folder.Server().Healthy()
		if err == nil || s.Low() != "" {
			continue
		}
		r.o.Log.Warn("restarting the store of run logs after a write error", "error", err)
		if err := r.folder.Server().Restart(); err != nil {
			r.o.Log.Warn("restart the store of run logs", "error", err)
		}
	}
}
