// Package robots reads robots.txt and judges addresses by it (RFC 9309), with
// the leniencies that Google documents for its parser, and keeps the line that
// decided, so that a verdict can be explained.
package robots

import (
	"strings"
	"time"
)

// MaxBytes is how much of a robots.txt is read (RFC 9309, 2.5, asks for at
// least 500 KiB). The line that the limit cuts is not read.
const MaxBytes = 500 << 10

// MaxCrawlDelay is the longest Crawl-delay that is believed; a longer one
// counts as this.
const MaxCrawlDelay = time.Hour

// A Verdict says whether an agent may fetch an address, and why.
type Verdict struct {
	Allowed bool
	Rule    string // the deciding line, without comment, as in "Disallow: /private/"; "" if none decides
	Line    int    // its number, from 1; 0 if none decides
}

// Rules is a parsed robots.txt. It is immutable and may be shared. The zero
// value and nil allow everything.
type Rules struct {
	groups   []*group
	sitemaps []sitemap
}

// group is what holds for one product token; groups that name the same token
// are one (RFC 9309, 2.2.1).
type group struct {
	agent string // lower-cased token, or "*"
	line  int    // of its first user-agent line
	rules []rule
	delay crawlDelay
}

type rule struct {
	text    string
	line    int
	allow   bool
	pattern pattern
}

type crawlDelay struct {
	text string
	line int
	d    time.Duration
}

type sitemap struct {
	text, url string
	line      int
}

// Test judges target, a path with its query or a whole URL, for agent, a
// product token or a User-Agent field that begins with one. The longest
// matching rule decides, Allow wins a tie; of equal rules the first is named.
// /robots.txt itself is always allowed (RFC 9309, 2.2.2).
func (r *Rules) Test(agent, target string) Verdict {
	path := pathOf(target)
	if path == "/robots.txt" {
		return Verdict{Allowed: true}
	}
	g := r.group(agent)
	if g == nil {
		return Verdict{Allowed: true}
	}
	var space [512]byte
	t := newTarget(space[:0], path)
	var best *rule
	for i := range g.rules {
		c := &g.rules[i]
		if best != nil && !c.beats(best) {
			continue
		}
		if c.pattern.match(&t) {
			best = c
		}
	}
	if best == nil {
		return Verdict{Allowed: true}
	}
	return Verdict{Allowed: best.allow, Rule: best.text, Line: best.line}
}

func (c *rule) beats(best *rule) bool {
	if c.pattern.octets != best.pattern.octets {
		return c.pattern.octets > best.pattern.octets
	}
	return c.allow && !best.allow
}

// CrawlDelay gives the pause that the file asks of agent between requests, 0
// for none. It is no part of RFC 9309, but honoured. Of several in a group the
// longest counts.
func (r *Rules) CrawlDelay(agent string) time.Duration {
	if g := r.group(agent); g != nil {
		return g.delay.d
	}
	return 0
}

// Sitemaps gives the values of the Sitemap lines, which belong to no group, in
// order, each once, as written.
func (r *Rules) Sitemaps() []string {
	if r == nil {
		return nil
	}
	var urls []string
	for _, s := range r.sitemaps {
		urls = append(urls, s.url)
	}
	return urls
}

// group gives the group that holds for agent: its own, or that of "*", or nil.
func (r *Rules) group(agent string) *group {
	if r == nil {
		return nil
	}
	token := productToken(agent)
	var fallback *group
	for _, g := range r.groups {
		if g.agent == "*" {
			fallback = g
		} else if strings.EqualFold(g.agent, token) {
			return g
		}
	}
	return fallback
}

// productToken gives the name that a User-Agent value begins with. Digits are
// part of it, though RFC 9309 has none in its grammar: crawlers are so named.
func productToken(s string) string {
	s = strings.TrimLeft(s, " \t")
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			continue
		}
		return s[:i]
	}
	return s
}

// pathOf gives path and query of a URL or of what is already a path.
func pathOf(target string) string {
	if i := strings.IndexByte(target, '#'); i >= 0 {
		target = target[:i]
	}
	if target == "" || target[0] == '/' {
		if strings.HasPrefix(target, "/") {
			return target
		}
		return "/"
	}
	i := strings.Index(target, "://")
	if i < 0 || strings.ContainsAny(target[:i], "/?") {
		return "/" + target
	}
	rest := target[i+len("://"):]
	j := strings.IndexAny(rest, "/?")
	switch {
	case j < 0:
		return "/"
	case rest[j] == '?':
		return "/" + rest[j:]
	}
	return rest[j:]
}
