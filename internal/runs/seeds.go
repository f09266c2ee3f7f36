package runs

import (
	"context"
	"fmt"
	"time"

	"newsreel/capture"
	"newsreel/internal/diepoint"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// Seeds writes the document's seeds for the owners of their partitions.
// Writing them twice is writing them once, since the fold is idempotent.
func Seeds(ctx context.Context, log *stream.Log, d *job.Document, now time.Time) error {
	diepoint.Here("begin.log")
	lines := map[int]*stream.Lines{}
	flush := func(p int) error {
		err := log.Discover(ctx, p, lines[p])
		delete(lines, p)
		return err
	}
	for _, kind := range []struct {
		kind string
		urls []string
	}{
		{stream.KindPage, d.Seeds.URLs}, {stream.KindPage, d.Seeds.FrontPages},
		{stream.KindFeed, d.Seeds.Feeds}, {stream.KindSitemap, d.Seeds.Sitemaps},
	} {
		for _, raw := range kind.urls {
			url, err := weburl.Parse(raw)
			if err != nil {
				return fmt.Errorf("seed %s: %w", raw, err)
			}
			p := stream.PartitionOf(weburl.RegistrableDomain(weburl.Hostname(url)))
			if lines[p] == nil {
				lines[p] = &stream.Lines{}
			}
			lines[p].Discovery(&stream.Discovery{URL: url, Kind: kind.kind, How: capture.BySeed, Seed: true, Found: now})
			if lines[p].Len() > stream.MaxInline/2 {
				if err := flush(p); err != nil {
					return err
				}
			}
		}
	}
	for p := range lines {
		if err := flush(p); err != nil {
			return err
		}
	}
	diepoint.Here("begin.seeds")
	return nil
}
