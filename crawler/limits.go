package crawler

import (
	"strings"
	"sync/atomic"

	"newsreel/internal/weburl"
)

// limitNames are the limits that strike outside an exchange, as the keys of
// limits.protect name them; "path_depth" has no key.
var limitNames = [...]string{"redirects", "links", "url", "depth", "path_depth", "path_repeat", "pattern"}

// limitHits counts how often each of limitNames struck.
type limitHits [len(limitNames)]atomic.Int64

// add counts a hit; other names, such as "", count nowhere.
func (h *limitHits) add(name string) {
	for i, n := range limitNames {
		if n == name {
			h[i].Add(1)
		}
	}
}

// LimitHits returns how often each protecting limit was hit, by its name: the
// keys of limits.protect, and those of an exchange that have no key.
func (c *Crawler) LimitHits() map[string]int64 {
	m := c.client.LimitHits()
	for i, name := range limitNames {
		m[name] += c.hits[i].Load()
	}
	return m
}

// protectLimit is the name of the protecting limit that keeps a URL out, if it is
// one, as the frontier's detail tells it.
func protectLimit(detail string) string {
	name, _ := strings.CutPrefix(detail, "limits.protect.")
	return name
}

// trapLimit is the name of the limit behind what weburl.TrapReason says.
func trapLimit(reason string) string {
	switch reason {
	case weburl.TrapLength:
		return "url"
	case weburl.TrapDepth:
		return "path_depth"
	case weburl.TrapRepeat:
		return "path_repeat"
	}
	return ""
}
