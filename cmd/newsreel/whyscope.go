package main

import (
	"context"

	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// judged is the story of a URL that no run of a job came across.
func (l *lookup) judged(ctx context.Context, k *knownJob, url string) (*story, error) {
	s := &story{URL: url, Job: k.name, Collection: k.document.Collection, Fate: fateUnknown}
	scope := job.NewScope(k.document, nil)
	verdict := scope.Judge(url)
	if !verdict.In && !verdict.Excluded {
		if err := l.widen(ctx, scope, k, url); err != nil {
			return nil, err
		}
		verdict = scope.Judge(url)
	}
	s.Rule = verdict.Rule
	switch {
	case verdict.Excluded:
		s.Fate = fateExcluded
	case !verdict.In:
		s.Fate = fateOutside
	}
	return s, nil
}

// widen adds the redirect targets of a job's seeds to its scope, which are
// seeds as well: those that a run log names, and those of archived captures.
func (l *lookup) widen(ctx context.Context, scope *job.Scope, k *knownJob, url string) error {
	if k.finished[k.latest] == nil && k.latest > 0 {
		if err := l.widenByLog(ctx, scope, k); err != nil {
			return err
		}
	}
	seeds := k.document.AllSeeds()
	for _, seed := range seeds {
		// Each costs some reads: of long lists only what is of the same domain.
		if len(seeds) > maxSeedsFollowed && domainOf(seed) != domainOf(url) {
			continue
		}
		if err := l.widenBy(ctx, scope, k, seed); err != nil {
			return err
		}
	}
	return nil
}

const maxSeedsFollowed = 200

func domainOf(url string) string {
	url, err := weburl.Parse(url)
	if err != nil {
		return ""
	}
	return weburl.RegistrableDomain(weburl.Hostname(url))
}

func (l *lookup) widenByLog(ctx context.Context, scope *job.Scope, k *knownJob) error {
	run, err := l.jobs.Run(ctx, k.name, k.latest)
	if err != nil {
		return err
	}
	log, _, err := l.liveLog(ctx, run)
	if err != nil || log == nil {
		return err
	}
	return log.ReadAll(ctx, 0, func(e stream.Entry) error {
		c, err := stream.ParseControl(e)
		if err == nil && c.Type == stream.ControlSeed {
			scope.AddSeed(c.URL)
		}
		return err
	}, stream.ClassControl)
}

// widenBy follows the redirects of a seed through the archive.
func (l *lookup) widenBy(ctx context.Context, scope *job.Scope, k *knownJob, seed string) error {
	url, err := weburl.Parse(seed)
	if err != nil {
		return nil // it was never fetched
	}
	for range maxRedirects {
		rows, err := l.arc.Lookup(ctx, k.document.Collection, url)
		if err != nil {
			return err
		}
		next := ""
		for i := range rows {
			if rows[i].URL == url && rows[i].FetchRedirect != "" {
				next = rows[i].FetchRedirect
			}
		}
		if next == "" || next == url {
			return nil
		}
		scope.AddSeed(next)
		url = next
	}
	return nil
}
