package robots

import (
	"strconv"
	"strings"
	"time"
)

// maxLine is how much of a line is read; no address that is fetched is longer.
const maxLine = 16 << 10

// Parse reads a robots.txt. It never fails: what is no rule is passed over
// (RFC 9309, 2.2.4). It takes a byte order mark, any line ends, misspelt
// names, and a blank in place of the colon, as Google's parser does.
func Parse(body []byte) *Rules { return parse(body, false) }

func parse(body []byte, compact bool) *Rules {
	if len(body) > MaxBytes && !compact {
		body = body[:MaxBytes]
		for len(body) > 0 && body[len(body)-1] != '\n' && body[len(body)-1] != '\r' {
			body = body[:len(body)-1]
		}
	}
	p := parser{rules: &Rules{}, byAgent: map[string]*group{}, seenSitemap: map[string]bool{}}
	text := strings.TrimPrefix(string(body), "\uFEFF")
	for n := 1; text != ""; n++ {
		var line string
		line, text = cutLine(text)
		at := n
		if compact {
			at = compactLineNumber(line, n)
		}
		p.line(line, at)
	}
	return p.rules
}

func cutLine(s string) (line, rest string) {
	i := strings.IndexAny(s, "\r\n")
	if i < 0 {
		return s, ""
	}
	line, rest = s[:i], s[i+1:]
	if s[i] == '\r' && strings.HasPrefix(rest, "\n") {
		rest = rest[1:]
	}
	return line, rest
}

type parser struct {
	rules       *Rules
	byAgent     map[string]*group
	seenSitemap map[string]bool
	current     []*group // those that the rules now read belong to
	inRules     bool     // a rule has been read since the last user-agent line
}

// line reads one line. Only Allow and Disallow end a run of user-agent lines:
// other records must not interfere (RFC 9309, 2.2.4).
func (p *parser) line(line string, n int) {
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	if i := strings.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	text := strings.Trim(line, blanks)
	name, value, ok := cutField(text)
	if !ok {
		return
	}
	switch fieldOf(name) {
	case fieldAgent:
		p.agent(value, n)
	case fieldAllow:
		p.rule(text, value, n, true)
	case fieldDisallow:
		p.rule(text, value, n, false)
	case fieldDelay:
		p.delay(text, value, n)
	case fieldSitemap:
		if value != "" && !p.seenSitemap[value] {
			p.seenSitemap[value] = true
			p.rules.sitemaps = append(p.rules.sitemaps, sitemap{text: text, url: value, line: n})
		}
	}
}

const blanks = " \t\v\f\x00\u00a0"

// cutField parts "name: value". Without a colon, "name value" counts if there
// are just two words.
func cutField(line string) (name, value string, ok bool) {
	if name, value, ok = strings.Cut(line, ":"); ok {
		return strings.Trim(name, blanks), strings.Trim(value, blanks), true
	}
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return "", "", false
	}
	name, value = line[:i], strings.Trim(line[i:], blanks)
	return name, value, !strings.ContainsAny(value, " \t")
}

type field int

const (
	fieldOther field = iota
	fieldAgent
	fieldAllow
	fieldDisallow
	fieldDelay
	fieldSitemap
)

// fieldOf knows the spellings that Google's parser forgives, and a few of
// Crawl-delay.
func fieldOf(name string) field {
	switch strings.ToLower(name) {
	case "user-agent", "useragent", "user agent", "user_agent":
		return fieldAgent
	case "allow":
		return fieldAllow
	case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw":
		return fieldDisallow
	case "crawl-delay", "crawldelay", "crawl delay", "crawl_delay":
		return fieldDelay
	case "sitemap", "site-map":
		return fieldSitemap
	}
	return fieldOther
}

func (p *parser) agent(value string, n int) {
	token := strings.ToLower(productToken(value))
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		token = "*"
	}
	if p.inRules {
		p.current, p.inRules = nil, false
	}
	if token == "" {
		// A name that no product has: its rules are nobody's.
		return
	}
	g := p.byAgent[token]
	if g == nil {
		g = &group{agent: token, line: n}
		p.byAgent[token] = g
		p.rules.groups = append(p.rules.groups, g)
	}
	for _, c := range p.current {
		if c == g {
			return
		}
	}
	p.current = append(p.current, g)
}

// rule adds a rule to the current groups. One without a path matches nothing,
// but ends the run of user-agent lines all the same.
func (p *parser) rule(text, value string, n int, allow bool) {
	p.inRules = true
	if value == "" {
		return
	}
	r := rule{text: text, line: n, allow: allow, pattern: compile(value)}
	for _, g := range p.current {
		g.rules = append(g.rules, r)
	}
}

func (p *parser) delay(text, value string, n int) {
	seconds, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimRight(value, blanks), "s"), 64)
	if err != nil || !(seconds > 0) {
		return
	}
	d := MaxCrawlDelay
	if seconds < MaxCrawlDelay.Seconds() {
		d = time.Duration(seconds * float64(time.Second))
	}
	for _, g := range p.current {
		if d > g.delay.d {
			g.delay = crawlDelay{text: text, line: n, d: d}
		}
	}
}
