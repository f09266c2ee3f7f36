package crawler

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"newsreel/crawler/discover"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/internal/weburl"
	"newsreel/job"
)

// rulesOf is what the document asks of the frontier.
func rulesOf(d *job.Document, version string) frontier.Rules {
	return frontier.Rules{
		Pace: frontier.Pace{Delay: d.Politeness.Delay.Std(), PerHost: int(d.Politeness.PerHost),
			PerDomain: int(d.Politeness.PerDomain)},
		Robots:       d.Politeness.Robots == "obey",
		Agent:        ProductToken(d.Politeness.Agent(version)),
		MaxPages:     d.Limits.Pages,
		MaxDepth:     d.Limits.Depth,
		MaxBytes:     int64(d.Limits.Bytes),
		MaxPerHost:   d.Limits.PerHost,
		MaxPattern:   d.Limits.Protect.Pattern,
		ProtectDepth: d.Limits.Protect.Depth,
	}
}

// ProductToken is the name by which robots.txt means a user agent: what comes
// before its version. (RFC 9309, 2.2.1)
func ProductToken(userAgent string) string {
	token, _, _ := strings.Cut(strings.TrimSpace(userAgent), "/")
	token, _, _ = strings.Cut(token, " ")
	return token
}

func clientSettings(s Settings, d *job.Document) fetch.Settings {
	p := d.Limits.Protect
	addresses := d.Network.Addresses()
	for name, addr := range s.Resolve {
		addresses[name] = addr
	}
	return fetch.Settings{
		Limits: fetch.Limits{Body: int64(p.Body), Head: int(p.Head), Connect: p.Connect.Std(),
			FirstByte: p.FirstByte.Std(), Exchange: p.Exchange.Std(), Decompressed: int64(p.Decompressed),
			Ratio: p.Ratio, URL: int(p.URL)},
		Proxy:     d.Network.Proxy,
		Resolve:   addresses,
		SpillDir:  s.SpoolDir,
		Forbidden: s.Forbidden,
		Now:       s.Now,
	}
}

// maxURL is the longest URL, in bytes, that has a fate: what is longer than
// limits.protect.url is skipped as such, and what is longer than this is no
// link. It is the most that limits.protect.url may be.
const maxURL = 32 << 10

func discoverLimits(d *job.Document) discover.Limits {
	return discover.Limits{Links: int(d.Limits.Protect.Links), URLLength: maxURL}
}

func trapLimits(d *job.Document) weburl.TrapLimits {
	t := weburl.DefaultTrapLimits()
	t.MaxLength, t.MaxRepeat = int(d.Limits.Protect.URL), int(d.Limits.Protect.PathRepeat)
	return t
}

// newDocument takes over changed limits and politeness at once.
func (c *Crawler) newDocument(data json.RawMessage) error {
	var d job.Document
	if err := json.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("changed job document: %w", err)
	}
	changed := c.doc.Load().Clone()
	changed.Limits, changed.Politeness = d.Limits, d.Politeness
	c.doc.Store(changed)
	c.front.SetRules(rulesOf(changed, c.s.Version))
	return nil
}

// overdue says whether the run has taken as long as it may.
func (c *Crawler) overdue(now time.Time) bool {
	limit := c.doc.Load().Limits.Duration.Std()
	return limit > 0 && now.Sub(c.run.Started) >= limit
}
