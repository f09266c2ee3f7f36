package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kinds of URL in the frontier. A kind is a hint of how the URL was linked: a
// stronger one (page > feed, sitemap > asset) upgrades a waiting URL, and what
// is done with a capture depends on its sniffed type and the scope.
const (
	KindPage    = "page"
	KindAsset   = "asset"
	KindFeed    = "feed"
	KindSitemap = "sitemap"
	KindRobots  = "robots"
)

// Fates of a URL. Every URL in scope has exactly one; waiting is the fate of
// what has no outcome yet.
const (
	FateCaptured = "captured"
	FateFailed   = "failed"
	FateSkipped  = "skipped"
	FateWaiting  = "waiting"
)

// Reasons of skipped and failed URLs.
const (
	SkipRobots    = "robots"
	SkipLimit     = "limit"
	SkipDates     = "dates"
	SkipTrap      = "trap"
	SkipExcluded  = "excluded"
	SkipType      = "type"
	SkipAddress   = "address"
	SkipURL       = "url"
	SkipCancelled = "cancelled"

	FailDNS       = "dns"
	FailConnect   = "connect"
	FailTLS       = "tls"
	FailTimeout   = "timeout"
	FailReset     = "reset"
	FailMalformed = "malformed"
	FailProxy     = "proxy"
	FailInternal  = "internal"
)

// Discovery is a URL that was found. Its line in in.P and log.P is
//
//	d KIND HOW DEPTH HOPS PATH FLAGS URL
//
// with tabs between, after a line "v TIME VIA" that holds for the lines
// below it (TIME in milliseconds since 1970). FLAGS is a run of letters and
// key=value parts joined by commas, "-" for none: s a seed; skip=REASON for
// what is known to be skipped (trap, url, excluded). Lines and not JSON: a
// page has a hundred, and reading them back is ten times faster.
type Discovery struct {
	URL  string
	Kind string
	// How is one of the capture.By names.
	How string
	// Depth counts page links from a seed.
	Depth int
	// Hops counts the redirects that led here in a row.
	Hops int
	// Path is the hop path from a seed, a letter a hop: L link, R redirect,
	// E embedded asset, P robots.txt, F feed, S sitemap.
	Path string
	Seed bool
	// Skip is the reason for which the URL is skipped, "" for none.
	Skip  string
	Via   string
	Found time.Time
}

// Outcome is the end of a URL's way: line "o JSON".
type Outcome struct {
	URL    string `json:"url"`
	Fate   string `json:"fate"`
	Reason string `json:"reason,omitempty"`
	// Kind is what the URL turned out to be, a Kind or "redirect".
	Kind      string `json:"kind,omitempty"`
	Status    int    `json:"status,omitempty"`
	CaptureID string `json:"capture,omitempty"`
	// Bytes received, head and framing included.
	Bytes int64 `json:"bytes,omitempty"`
	// Page says that it counts as a captured page (limits.pages).
	Page bool `json:"page,omitempty"`
	// Same says that the payload is that of a page before it.
	Same bool `json:"same,omitempty"`
	// Outside counts the links on it that lead out of the scope.
	Outside int       `json:"outside,omitempty"`
	Tries   int       `json:"tries,omitempty"`
	Time    time.Time `json:"time"`
	MS      int64     `json:"ms,omitempty"`
	Via     string    `json:"via,omitempty"`
	How     string    `json:"how,omitempty"`
	// Detail is the error, or the robots rule that decided.
	Detail string `json:"detail,omitempty"`
	// Notes are what the exchange forgave and which limits were hit.
	Notes []string `json:"notes,omitempty"`
	// Interim is the 1xx heads that came before the response.
	Interim []string `json:"interim,omitempty"`
	// Robots is set on the outcome of a robots.txt, so that a resume does not
	// fetch it again.
	Robots *Robots `json:"robots,omitempty"`
	// Location is where a redirect leads, absolute.
	Location string `json:"location,omitempty"`
}

// Robots is what a robots.txt came to for its origin.
type Robots struct {
	// State is rules, allow (unavailable: all is allowed), deny (unreachable:
	// nothing is), redirect (see Outcome.Location) or address (the guard
	// refuses the host).
	State string `json:"state"`
	// Rules is the compact text of the rules that matter to us, compressed with
	// gzip where it is long. See SetRules and Text.
	Rules   []byte    `json:"rules,omitempty"`
	Expires time.Time `json:"expires"`
}

// Robots states.
const (
	RobotsRules    = "rules"
	RobotsAllow    = "allow"
	RobotsDeny     = "deny"
	RobotsRedirect = "redirect"
	// RobotsAddress: the host's address is refused, and so is all that it has.
	RobotsAddress = "address"
)

// Retry says that an attempt failed and when the next may be: line "r JSON".
type Retry struct {
	URL       string    `json:"url"`
	Reason    string    `json:"reason"`
	Status    int       `json:"status,omitempty"`
	Tries     int       `json:"tries"`
	NotBefore time.Time `json:"not_before"`
	Time      time.Time `json:"time"`
	Detail    string    `json:"detail,omitempty"`
	// Notes are as in Outcome, of this attempt.
	Notes []string `json:"notes,omitempty"`
}

// RobotsAnswer tells the owner of a partition what a robots.txt of its came to
// that redirects into another partition: line "t JSON" of in.P.
type RobotsAnswer struct {
	// URL is the robots.txt that redirects.
	URL    string `json:"url"`
	Robots Robots `json:"robots"`
}

// Snapshot says that the owner's tables as of a sequence are stored: line
// "s JSON".
type Snapshot struct {
	Key string `json:"key"`
	// Covers is the last sequence of in.P and log.P that the tables hold.
	Covers uint64 `json:"covers"`
	URLs   int    `json:"urls"`
}

// Idle says that a partition has nothing queued, in flight or awaiting retry:
// line "i JSON".
type Idle struct {
	// In is the last sequence of in.P that was folded, 0 for none.
	In uint64 `json:"in"`
	// Fates names the staged list of the partition's URLs and their fates;
	// Inline holds it where it is small (gzip of fate lines).
	Fates  string `json:"fates,omitempty"`
	Inline []byte `json:"inline,omitempty"`
	Counts Counts `json:"counts"`
}

// Counts is the ledger of a partition or a run. It closes at any moment:
// Discovered = Captured + sum(Failed) + sum(Skipped) + Waiting.
type Counts struct {
	Discovered int64            `json:"discovered"`
	Captured   int64            `json:"captured"`
	Failed     map[string]int64 `json:"failed,omitempty"`
	Skipped    map[string]int64 `json:"skipped,omitempty"`
	Waiting    int64            `json:"waiting"`
	Outside    int64            `json:"outside"`
	Pages      int64            `json:"pages"`
	Captures   int64            `json:"captures"`
	Bytes      int64            `json:"bytes"`
}

// Lines is the body of an in.P or log.P message under construction.
type Lines struct {
	buf     []byte
	via     string
	found   int64
	hasVia  bool
	entries int
}

// Len is the size of the body so far, in bytes.
func (l *Lines) Len() int { return len(l.buf) }

// Entries counts the lines that say something (context lines do not).
func (l *Lines) Entries() int { return l.entries }

// Bytes is the body; it stays owned by l.
func (l *Lines) Bytes() []byte { return l.buf }

// Discovery adds a discovery. URLs hold no tabs and no line ends: they come
// out of a URL parser.
func (l *Lines) Discovery(d *Discovery) {
	found := d.Found.UnixMilli()
	if !l.hasVia || l.via != d.Via || l.found != found {
		l.buf = append(l.buf, "v\t"...)
		l.buf = strconv.AppendInt(l.buf, found, 10)
		l.buf = append(l.buf, '\t')
		l.buf = append(l.buf, d.Via...)
		l.buf = append(l.buf, '\n')
		l.via, l.found, l.hasVia = d.Via, found, true
	}
	l.buf = append(l.buf, "d\t"...)
	l.buf = append(l.buf, d.Kind...)
	l.buf = append(l.buf, '\t')
	l.buf = append(l.buf, d.How...)
	l.buf = append(l.buf, '\t')
	l.buf = strconv.AppendInt(l.buf, int64(d.Depth), 10)
	l.buf = append(l.buf, '\t')
	l.buf = strconv.AppendInt(l.buf, int64(d.Hops), 10)
	l.buf = append(l.buf, '\t')
	l.buf = append(l.buf, d.Path...)
	l.buf = append(l.buf, '\t')
	switch {
	case d.Seed && d.Skip != "":
		l.buf = append(append(l.buf, "s,skip="...), d.Skip...)
	case d.Seed:
		l.buf = append(l.buf, 's')
	case d.Skip != "":
		l.buf = append(append(l.buf, "skip="...), d.Skip...)
	default:
		l.buf = append(l.buf, '-')
	}
	l.buf = append(l.buf, '\t')
	l.buf = append(l.buf, d.URL...)
	l.buf = append(l.buf, '\n')
	l.entries++
}

func (l *Lines) json(verb byte, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic("stream: " + err.Error()) // our own types always marshal
	}
	l.buf = append(l.buf, verb, '\t')
	l.buf = append(l.buf, data...)
	l.buf = append(l.buf, '\n')
	l.entries++
}

// Outcome, Retry, RobotsAnswer, Snapshot and Idle add a line each.
func (l *Lines) Outcome(o *Outcome)           { l.json('o', o) }
func (l *Lines) Retry(r *Retry)               { l.json('r', r) }
func (l *Lines) RobotsAnswer(a *RobotsAnswer) { l.json('t', a) }
func (l *Lines) Snapshot(s *Snapshot)         { l.json('s', s) }
func (l *Lines) Idle(i *Idle)                 { l.json('i', i) }

// Visitor receives the lines of a message in their order. A nil function skips
// that kind. Pointers are valid during the call only.
type Visitor struct {
	Discovery    func(*Discovery)
	Outcome      func(*Outcome)
	Retry        func(*Retry)
	RobotsAnswer func(*RobotsAnswer)
	Snapshot     func(*Snapshot)
	Idle         func(*Idle)
}

// ParseLines reads the body of an in.P or log.P message. A line of an unknown
// verb is an error: it was written by a newer version.
func ParseLines(body []byte, v Visitor) error {
	text := string(body) // one allocation that all URLs share
	var d Discovery
	for n := 1; text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if line == "" {
			continue
		}
		verb, arg, ok := strings.Cut(line, "\t")
		if !ok || len(verb) != 1 {
			return fmt.Errorf("line %d: no verb in %.60q", n, line)
		}
		var err error
		switch verb[0] {
		case 'v':
			var ms int64
			t, via, _ := strings.Cut(arg, "\t")
			ms, err = strconv.ParseInt(t, 10, 64)
			d = Discovery{Via: via, Found: time.UnixMilli(ms).UTC()}
		case 'd':
			if err = d.parse(arg); err == nil && v.Discovery != nil {
				v.Discovery(&d)
			}
		case 'o':
			err = parseJSON(arg, v.Outcome)
		case 'r':
			err = parseJSON(arg, v.Retry)
		case 't':
			err = parseJSON(arg, v.RobotsAnswer)
		case 's':
			err = parseJSON(arg, v.Snapshot)
		case 'i':
			err = parseJSON(arg, v.Idle)
		default:
			err = fmt.Errorf("verb %.20q: %w", verb, ErrNewer)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

func parseJSON[T any](arg string, f func(*T)) error {
	if f == nil {
		return nil
	}
	var v T
	dec := json.NewDecoder(bytes.NewReader([]byte(arg)))
	if err := dec.Decode(&v); err != nil {
		return err
	}
	f(&v)
	return nil
}

func (d *Discovery) parse(arg string) error {
	var f [7]string
	for i := 0; i < 6; i++ {
		part, rest, ok := strings.Cut(arg, "\t")
		if !ok {
			return fmt.Errorf("discovery of %d fields: %.60q", i+1, arg)
		}
		f[i], arg = part, rest
	}
	depth, err1 := strconv.Atoi(f[2])
	hops, err2 := strconv.Atoi(f[3])
	if err1 != nil || err2 != nil {
		return fmt.Errorf("discovery with depth %q, hops %q", f[2], f[3])
	}
	d.Kind, d.How, d.Depth, d.Hops, d.Path, d.URL = f[0], f[1], depth, hops, f[4], arg
	d.Seed, d.Skip = false, ""
	if f[5] == "-" {
		return nil
	}
	for _, flag := range strings.Split(f[5], ",") {
		if flag == "s" {
			d.Seed = true
		} else if r, ok := strings.CutPrefix(flag, "skip="); ok {
			d.Skip = r
		}
	}
	return nil
}
