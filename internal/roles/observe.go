package roles

import (
	"errors"
	"strconv"

	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/internal/observe"
	"newsreel/stream"
)

// Observe shows the role on a process's page of itself.
func (r *Role) Observe(p *observe.Process) {
	p.Ready("nats", func() error { nats, _ := r.weather.now(); return missing(nats) })
	p.Ready("s3", func() error { _, s3 := r.weather.now(); return missing(s3) })
	p.Ready("member", func() error {
		switch s := r.Status(); {
		case !s.Ready:
			return errors.New("has not joined the cluster yet")
		case !s.Member:
			return errors.New("has no lease")
		}
		return nil
	})
	p.Says("crawling", r.weather.pauses)
	p.Collect(r.metrics)
}

func missing(trouble string) error {
	if trouble == "" {
		return nil
	}
	return errors.New(trouble)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (r *Role) metrics(emit observe.Emit) {
	s := r.Status()
	emit("newsreel_runs", float64(len(s.Runs)))
	emit("newsreel_lease_held", truth(s.Member))
	emit("newsreel_members", float64(len(s.Live)), s.Role)
	emit("newsreel_s3_reachable", truth(s.Ready && s.S3 == ""))
	r.mu.Lock()
	session := r.session
	var shown []func(observe.Emit)
	for _, w := range r.workers {
		if show := w.shown.Load(); show != nil {
			shown = append(shown, *show)
		}
	}
	r.mu.Unlock()
	if session != nil {
		emit("newsreel_nats_connected", truth(session.NATS.IsConnected()))
		emit("newsreel_nats_reconnects_total", float64(session.NATS.Stats().Reconnects))
	} else {
		emit("newsreel_nats_connected", 0)
	}
	for _, show := range shown {
		show(emit)
	}
}

// shows lets a try show how it stands; the function that it returns ends it.
func (w *worker) shows(show func(emit observe.Emit, job, run string)) (end func()) {
	job, run := w.key.job, strconv.Itoa(w.key.number)
	f := func(emit observe.Emit) { show(emit, job, run) }
	w.shown.Store(&f)
	return func() { w.shown.Store(nil) }
}

func showCrawler(c *crawler.Crawler) func(observe.Emit, string, string) {
	return func(emit observe.Emit, job, run string) {
		status, stats := c.Status(), c.Stats()
		urls := func(fate, reason string, n int64) {
			emit("newsreel_crawler_urls", float64(n), job, run, fate, reason)
		}
		urls(stream.FateCaptured, "", status.Counts.Captured)
		urls(stream.FateWaiting, "", status.Counts.Waiting)
		for reason, n := range status.Counts.Failed {
			urls(stream.FateFailed, reason, n)
		}
		for reason, n := range status.Counts.Skipped {
			urls(stream.FateSkipped, reason, n)
		}
		emit("newsreel_crawler_in_flight", float64(c.Active()), job, run)
		emit("newsreel_crawler_held", truth(status.Held != ""), job, run)
		known, bytes := c.Memory()
		emit("newsreel_crawler_frontier_urls", float64(known), job, run)
		emit("newsreel_crawler_frontier_bytes", float64(bytes), job, run)
		emit("newsreel_crawler_exchanges_total", float64(stats.Exchanges.Load()), job, run)
		emit("newsreel_crawler_batches_total", float64(stats.Batches.Load()), job, run)
		emit("newsreel_crawler_batches_resent_total", float64(stats.Resent.Load()), job, run)
		emit("newsreel_crawler_batches_fenced_total", float64(stats.Fenced.Load()), job, run)
		emit("newsreel_crawler_pages_late_total", float64(stats.Late.Load()), job, run)
		emit("newsreel_crawler_lapsed_total", float64(stats.Lapsed.Load()), job, run)
		emit("newsreel_crawler_partitions_moved_total", float64(stats.Gained.Load()), job, run, "gained")
		emit("newsreel_crawler_partitions_moved_total", float64(stats.Released.Load()), job, run, "released")
		emit("newsreel_crawler_partitions_moved_total", float64(stats.Lost.Load()), job, run, "lost")
		for limit, n := range c.LimitHits() {
			emit("newsreel_crawler_limit_hits_total", float64(n), job, run, limit)
		}
	}
}

func showExtractor(x *extractor.Worker) func(observe.Emit, string, string) {
	return func(emit observe.Emit, job, run string) {
		emit("newsreel_extractor_results_total", float64(x.Results()), job, run)
		emit("newsreel_extractor_failed_total", float64(x.Failed()), job, run)
	}
}

func showArchiver(a *archiver.Archiver) func(observe.Emit, string, string) {
	return func(emit observe.Emit, job, run string) {
		p := a.Progress()
		emit("newsreel_archiver_segments_total", float64(p.Segments), job, run)
		emit("newsreel_archiver_captures_total", float64(p.Counts.Captures), job, run)
		emit("newsreel_archiver_revisits_total", float64(p.Counts.Revisits), job, run)
		emit("newsreel_archiver_articles_total", float64(p.Counts.Articles), job, run)
		emit("newsreel_archiver_dead_letters_total", float64(p.Counts.ExtractFailed), job, run)
		emit("newsreel_archiver_open_captures", float64(p.Open), job, run)
		emit("newsreel_archiver_sealed_segments", float64(p.Sealed), job, run)
		emit("newsreel_archiver_awaited_results", float64(p.Awaited), job, run)
		emit("newsreel_archiver_failing", truth(p.LastError != ""), job, run)
	}
}
