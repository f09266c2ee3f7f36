package job

import (
	"regexp"
	"strings"
	"sync"

	"newsreel/internal/weburl"
)

// Judgement is what a scope says of a URL.
type Judgement struct {
	In       bool   // the URL belongs to the job
	Excluded bool   // it would, but include or exclude refuses it
	Rule     string // what decided, in words
}

// Scope says whether a URL belongs to a job. It is safe for concurrent use.
type Scope struct {
	mode    string
	include []*regexp.Regexp
	exclude []*regexp.Regexp

	mu       sync.RWMutex
	seeds    map[string]struct{}  // exact URLs
	hosts    map[string]string    // host with its port unless it is the scheme's own, or registrable domain → rule
	prefixes map[string][]string  // host → path prefixes, each ending in /
	verdicts map[string]Judgement // domain mode: hosts below a seed's domain, judged by the public suffix list
}

// maxVerdicts bounds the hosts remembered in domain mode.
const maxVerdicts = 1 << 14

const (
	ruleSeed    = "a seed"
	rulePage    = "outside: not a seed (scope.mode page)"
	ruleHost    = "outside: not the host of a seed (scope.mode host)"
	rulePrefix  = "outside: not below the path of a seed (scope.mode prefix)"
	ruleDomain  = "outside: not the registrable domain of a seed (scope.mode domain)"
	ruleInclude = "matches none of scope.include"
)

// NewScope compiles the document's scope over its seeds of every kind and the
// extra ones. Patterns that do not compile, which Validate refuses, match
// nothing. Seeds are brought into normal form; what is no URL is left out.
func NewScope(doc *Document, extraSeeds []string) *Scope {
	s := &Scope{
		mode:     doc.Scope.Mode,
		include:  compileAll(doc.Scope.Include),
		exclude:  compileAll(doc.Scope.Exclude),
		seeds:    map[string]struct{}{},
		hosts:    map[string]string{},
		prefixes: map[string][]string{},
		verdicts: map[string]Judgement{},
	}
	for _, list := range [][]string{doc.AllSeeds(), extraSeeds} {
		for _, seed := range list {
			s.AddSeed(seed)
		}
	}
	return s
}

func compileAll(patterns []string) []*regexp.Regexp {
	var compiled []*regexp.Regexp
	for _, pattern := range patterns {
		if re, err := compile(pattern); err == nil {
			compiled = append(compiled, re)
		}
	}
	return compiled
}

// AddSeed widens the scope by a seed, such as a seed's redirect target.
func (s *Scope) AddSeed(raw string) {
	url, err := weburl.Parse(raw)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seeds[url] = struct{}{}
	host := site(url)
	switch s.mode {
	case "prefix":
		s.addPrefix(host, directory(url))
	case "domain":
		domain := weburl.RegistrableDomain(weburl.Hostname(url))
		if _, known := s.hosts[domain]; !known {
			s.hosts[domain] = "domain " + domain
			clear(s.verdicts)
		}
	case "host":
		if _, known := s.hosts[host]; !known {
			s.hosts[host] = "host " + host
		}
	}
}

// addPrefix keeps the prefixes of a host free of those that another covers.
func (s *Scope) addPrefix(host, prefix string) {
	kept := s.prefixes[host][:0:0]
	for _, other := range s.prefixes[host] {
		if strings.HasPrefix(prefix, other) {
			return
		}
		if !strings.HasPrefix(other, prefix) {
			kept = append(kept, other)
		}
	}
	s.prefixes[host] = append(kept, prefix)
}

// Judge says whether a URL in weburl's normal form belongs to the job. A seed
// need not match scope.include; scope.exclude refuses seeds too.
func (s *Scope) Judge(url string) Judgement {
	judged, seed := s.inside(url)
	if !judged.In {
		return judged
	}
	for _, pattern := range s.exclude {
		if pattern.MatchString(url) {
			return Judgement{Excluded: true, Rule: "scope.exclude " + pattern.String()}
		}
	}
	if len(s.include) == 0 || seed {
		return judged
	}
	for _, pattern := range s.include {
		if pattern.MatchString(url) {
			return judged
		}
	}
	return Judgement{Excluded: true, Rule: ruleInclude}
}

// inside judges by mode and seeds alone.
func (s *Scope) inside(url string) (judged Judgement, seed bool) {
	s.mu.RLock()
	_, seed = s.seeds[url]
	if seed {
		s.mu.RUnlock()
		return Judgement{In: true, Rule: ruleSeed}, true
	}
	switch s.mode {
	case "host":
		rule, in := s.hosts[site(url)]
		s.mu.RUnlock()
		if !in {
			rule = ruleHost
		}
		return Judgement{In: in, Rule: rule}, false
	case "domain":
		judged, decided := s.domain(weburl.Hostname(url))
		s.mu.RUnlock()
		if !decided {
			judged = s.lookUpDomain(weburl.Hostname(url))
		}
		return judged, false
	case "prefix":
		judged := s.prefix(url)
		s.mu.RUnlock()
		return judged, false
	}
	s.mu.RUnlock()
	return Judgement{Rule: rulePage}, false
}

// domain decides hosts without the public suffix list where it can: a host
// that does not end in a seed's domain is outside, a domain itself is inside.
func (s *Scope) domain(hostname string) (judged Judgement, decided bool) {
	if judged, ok := s.verdicts[hostname]; ok {
		return judged, true
	}
	for rest := hostname; ; {
		if rule, ok := s.hosts[rest]; ok {
			return Judgement{In: true, Rule: rule}, len(rest) == len(hostname)
		}
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return Judgement{Rule: ruleDomain}, true
		}
		rest = rest[dot+1:]
	}
}

// lookUpDomain asks the list for a host below a seed's domain, since a suffix
// such as github.io may lie between them, and remembers the answer.
func (s *Scope) lookUpDomain(hostname string) Judgement {
	domain := weburl.RegistrableDomain(hostname)
	s.mu.Lock()
	defer s.mu.Unlock()
	rule, in := s.hosts[domain]
	if !in {
		rule = ruleDomain
	}
	judged := Judgement{In: in, Rule: rule}
	if len(s.verdicts) < maxVerdicts {
		s.verdicts[strings.Clone(hostname)] = judged
	}
	return judged
}

func (s *Scope) prefix(url string) Judgement {
	path := weburl.Path(url)
	for _, prefix := range s.prefixes[site(url)] {
		if strings.HasPrefix(path, prefix) {
			return Judgement{In: true, Rule: "below " + prefix}
		}
	}
	return Judgement{Rule: rulePrefix}
}

// site is the URL's host and port, without the scheme: what http and https of
// one server have in common, as the normal form drops a scheme's own port.
func site(url string) string {
	if strings.Contains(url, "://") {
		return weburl.Host(url)
	}
	return url
}

// directory is the URL's path up to its last slash.
func directory(url string) string {
	path := weburl.Path(url)
	path, _, _ = strings.Cut(path, "?")
	return path[:strings.LastIndexByte(path, '/')+1]
}
