package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/klauspost/compress/gzip"

	"newsreel/archive"
	"newsreel/crawler/frontier"
	"newsreel/stream"
)

// statusNone is the status of a run whose log was not folded.
var statusNone = frontier.Status{}

// maxLogLine is the longest line of a crawl log that is read, in bytes.
const maxLogLine = 16 << 20

// addCrawlLog adds what the crawl logs of a run's segments say of a URL: its
// attempts, and the end of its way with the error or the rule that decided.
func (l *lookup) addCrawlLog(ctx context.Context, s *story) error {
	for m, err := range l.arc.RunManifests(ctx, s.Collection, s.Job, s.Run) {
		if err != nil {
			return err
		}
		o := m.Object(archive.ObjectLog)
		if o == nil {
			continue
		}
		if err := l.readCrawlLog(ctx, o.Key, s); err != nil {
			return fmt.Errorf("crawl log %s: %w", o.Key, err)
		}
	}
	return nil
}

func (l *lookup) readCrawlLog(ctx context.Context, key string, s *story) error {
	body, _, err := l.store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer body.Close()
	zip, err := gzip.NewReader(body)
	if err != nil {
		return err
	}
	defer zip.Close()
	mark, err := urlMark(s.URL)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(make([]byte, 64<<10), maxLogLine)
	for lines.Scan() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !bytes.Contains(lines.Bytes(), mark) {
			continue
		}
		if err := s.logLine(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// urlMark is how a URL stands in a line of a crawl log.
func urlMark(url string) ([]byte, error) {
	var b strings.Builder
	if err := printJSON(&b, url); err != nil {
		return nil, err
	}
	return []byte(`"url":` + strings.TrimSuffix(b.String(), "\n")), nil
}

func (s *story) logLine(line []byte) error {
	var of struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &of); err != nil {
		return err
	}
	if of.Type == "retry" {
		var r stream.Retry
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		s.retry(&r)
		return nil
	}
	var o stream.Outcome
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	s.outcome(&o)
	return nil
}
