package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// stories tells what became of a URL, in each run that came across it, and of
// each other job what its scope says. By job and run.
func (l *lookup) stories(ctx context.Context, url string) ([]*story, error) {
	jobs, err := l.knownJobs(ctx)
	if err != nil {
		return nil, err
	}
	var stories []*story
	for _, k := range jobs {
		found, err := l.storiesOf(ctx, k, url)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", k.name, err)
		}
		stories = append(stories, found...)
	}
	return stories, nil
}

// knownJob is a job as KV and archive know it.
type knownJob struct {
	name     string
	document *job.Document
	latest   int
	// finished are the records of the runs that are over, by number.
	finished map[int]*archive.RunRecord
}

// knownJobs joins the jobs of KV and those of the archive, which outlives it.
func (l *lookup) knownJobs(ctx context.Context) ([]*knownJob, error) {
	records, err := l.jobs.List(ctx)
	if err != nil {
		return nil, err
	}
	byName := map[string]*knownJob{}
	for _, r := range records {
		byName[r.Name] = &knownJob{name: r.Name, document: r.Document, latest: r.Latest, finished: map[int]*archive.RunRecord{}}
	}
	collections, err := l.arc.Collections(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range collections {
		runs, err := l.arc.Runs(ctx, c)
		if err != nil {
			return nil, err
		}
		for i := range runs {
			addFinished(byName, &runs[i])
		}
	}
	jobs := make([]*knownJob, 0, len(byName))
	for _, k := range byName {
		jobs = append(jobs, k)
	}
	slices.SortFunc(jobs, func(x, y *knownJob) int { return cmp.Compare(x.name, y.name) })
	return jobs, nil
}

func addFinished(byName map[string]*knownJob, r *archive.RunRecord) {
	k := byName[r.Summary.Job]
	if k == nil {
		k = &knownJob{name: r.Summary.Job, finished: map[int]*archive.RunRecord{}}
		byName[k.name] = k
	}
	var d job.Document
	if k.document == nil && json.Unmarshal(r.Document, &d) == nil {
		k.document = &d
	}
	k.finished[r.Summary.Run] = r
	k.latest = max(k.latest, r.Summary.Run)
}

func (l *lookup) storiesOf(ctx context.Context, k *knownJob, url string) ([]*story, error) {
	var stories []*story
	state := stateStored
	for number := 1; number <= k.latest; number++ {
		var s *story
		var err error
		if r := k.finished[number]; r != nil {
			state = r.Summary.State
			s, err = l.finishedStory(ctx, r, url)
		} else {
			s, state, err = l.unfinishedStory(ctx, k, number, url)
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", number, err)
		}
		if s != nil {
			s.State = state
			if s.Reason == stream.SkipExcluded && k.document != nil {
				s.Rule = job.NewScope(k.document, nil).Judge(url).Rule
			}
			stories = append(stories, s)
		}
	}
	if len(stories) == 0 && k.document != nil {
		s, err := l.judged(ctx, k, url)
		if err != nil {
			return nil, err
		}
		s.State = state
		stories = append(stories, s)
	}
	return stories, nil
}

// finishedStory reads the ledger of a run that is over; nil if the URL is not
// in it.
func (l *lookup) finishedStory(ctx context.Context, r *archive.RunRecord, url string) (*story, error) {
	sum := &r.Summary
	fates, err := l.arc.Fates(ctx, sum.Collection, url)
	if err != nil {
		return nil, err
	}
	for _, f := range fates {
		if f.Job != sum.Job || f.Run != sum.Run {
			continue
		}
		s := &story{URL: url, Job: sum.Job, Run: sum.Run, Collection: sum.Collection, Fate: f.Fate, Reason: f.Reason, Kind: f.Kind,
			Status: int(f.Status), Tries: int(f.Tries), DiscoveredBy: f.How, Via: f.Via, Depth: int(f.Depth)}
		if f.Found > 0 {
			found := time.UnixMicro(f.Found).UTC()
			s.Discovered = &found
		}
		if err := l.addCrawlLog(ctx, s); err != nil {
			return nil, err
		}
		return s, l.addCapture(ctx, s)
	}
	return nil, nil
}

// unfinishedStory folds the partition of a URL in the log of a run.
func (l *lookup) unfinishedStory(ctx context.Context, k *knownJob, number int, url string) (*story, string, error) {
	run, err := l.jobs.Run(ctx, k.name, number)
	if errors.Is(err, job.ErrNoJob) {
		return nil, stateStored, nil
	}
	if err != nil {
		return nil, "", err
	}
	log, live, err := l.liveLog(ctx, run)
	state := stateOf(run, &runView{live: live}, statusNone)
	if err != nil || log == nil {
		return nil, state, err
	}
	s, err := l.foldStory(ctx, log, run, url)
	if err != nil || s == nil {
		return nil, state, err
	}
	// What is archived already may be purged from the log.
	if err := l.addCrawlLog(ctx, s); err != nil {
		return nil, state, err
	}
	return s, state, l.addCapture(ctx, s)
}

func (l *lookup) foldStory(ctx context.Context, log *stream.Log, run *job.RunState, url string) (*story, error) {
	partition := stream.PartitionOf(weburl.RegistrableDomain(weburl.Hostname(url)))
	front, err := l.newFrontier(ctx, log, partition)
	if err != nil {
		return nil, err
	}
	s := &story{URL: url, Job: run.Job, Run: run.Number, Collection: run.Document.Collection}
	events := stream.Visitor{
		Discovery: func(d *stream.Discovery) {
			if d.URL == url && s.HopPath == "" {
				s.HopPath = d.Path
			}
		},
		Outcome: func(o *stream.Outcome) { s.outcome(o) },
		Retry:   func(r *stream.Retry) { s.retry(r) },
	}
	err = log.ReadAll(ctx, 0, func(e stream.Entry) error {
		if e.Class != stream.ClassControl && e.Partition != partition {
			return nil
		}
		if e.Class != stream.ClassControl && e.Class != stream.ClassOwn && bytes.Contains(e.Data, []byte(url)) {
			if err := stream.ParseLines(e.Data, events); err != nil {
				return err
			}
		}
		return front.Apply(e, e.Time)
	}, stream.ClassOwn, stream.ClassIn, stream.ClassLog, stream.ClassControl)
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	if _, err := front.Mark(partition, &list); err != nil {
		return nil, err
	}
	known := false
	err = stream.ReadFates(&list, func(f *stream.FateLine) error {
		if f.URL == url {
			known = true
			found := time.UnixMilli(f.Found).UTC()
			s.Fate, s.Reason, s.Kind, s.Status, s.Tries = f.Fate, f.Reason, f.Kind, f.Status, f.Tries
			s.DiscoveredBy, s.Via, s.Depth, s.Discovered = f.How, f.Via, f.Depth, &found
		}
		return nil
	})
	if err != nil || !known {
		return nil, err
	}
	return s, nil
}

// outcome adds what the newest outcome of the URL says beyond its fate.
func (s *story) outcome(o *stream.Outcome) {
	if o.URL != s.URL || s.Ended != nil && s.Ended.After(o.Time) {
		return
	}
	ended := o.Time
	s.Ended, s.Detail, s.Redirect, s.Notes = &ended, o.Detail, o.Location, o.Notes
	if o.CaptureID != "" {
		s.Capture = &captureNote{ID: o.CaptureID, Time: o.Time}
	}
}

// retry adds an attempt, once.
func (s *story) retry(r *stream.Retry) {
	if r.URL != s.URL || slices.ContainsFunc(s.Retries, func(a attempt) bool { return a.Time.Equal(r.Time) }) {
		return
	}
	s.Retries = append(s.Retries, attempt{Time: r.Time, Reason: r.Reason, Status: r.Status, Detail: r.Detail, NotBefore: r.NotBefore})
	slices.SortFunc(s.Retries, func(x, y attempt) int { return x.Time.Compare(y.Time) })
}

// addCapture adds what the archive says of the capture of a URL in the run.
func (l *lookup) addCapture(ctx context.Context, s *story) error {
	if s.Fate != stream.FateCaptured {
		return nil
	}
	rows, err := l.arc.Lookup(ctx, s.Collection, s.URL)
	if err != nil {
		return err
	}
	crawl := fmt.Sprintf("%s-%d", s.Job, s.Run)
	for i := range rows {
		if rows[i].URL == s.URL && rows[i].Crawl == crawl {
			s.captured(&rows[i])
		}
	}
	return nil
}

func (s *story) captured(r *capture.Row) {
	s.Capture = &captureNote{ID: r.CaptureID, Time: time.UnixMicro(r.FetchTime).UTC(), Record: r.RecordType, RevisitOf: r.RevisitOf,
		MIME: cmp.Or(r.ContentMIMESniff, r.ContentMIMEType), Digest: r.ContentDigest,
		File: r.WARCFilename, Offset: int64(r.WARCRecordOffset), Length: int64(r.WARCRecordLength)}
	s.HopPath = cmp.Or(r.HopPath, s.HopPath)
	s.Redirect = cmp.Or(r.FetchRedirect, s.Redirect)
	s.RobotsRule = r.RobotsRule
}
