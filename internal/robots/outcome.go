package robots

import (
	"strconv"
	"strings"
	"time"
)

// Access is how a host's addresses are judged after its robots.txt was asked
// for.
type Access int

const (
	ByRules     Access = iota // the file's rules hold
	AllowAll                  // there is no file: everything is allowed
	DisallowAll               // the file could not be had: nothing is allowed
)

func (a Access) String() string {
	switch a {
	case ByRules:
		return "rules"
	case AllowAll:
		return "allow all"
	}
	return "disallow all"
}

// Outcome is what a fetch of robots.txt led to.
type Outcome struct {
	Access Access
	Rules  *Rules // nil unless ByRules
	Reason string // why, as in "robots.txt: status 404"; "" if ByRules
}

// FromStatus decides by the status of the last answer; 0 means that none came.
//
//  1. 2xx: the body's rules (RFC 9309, 2.3.1.1).
//  2. 3xx: more redirects than were followed; counts as no file (2.3.1.2).
//  3. 4xx: no file, everything is allowed (2.3.1.3), but for 429, which speaks
//     of load and not of the file, and counts as 5xx, as Google does.
//  4. 5xx, no answer, and what is no status: nothing is allowed (2.3.1.4).
func FromStatus(status int, body []byte) Outcome {
	reason := "robots.txt: status " + strconv.Itoa(status)
	switch {
	case status >= 200 && status < 300:
		return Outcome{Access: ByRules, Rules: Parse(body)}
	case status == 429:
		return Outcome{Access: DisallowAll, Reason: reason}
	case status >= 300 && status < 500:
		return Outcome{Access: AllowAll, Reason: reason}
	case status == 0:
		reason = "robots.txt: unreachable"
	}
	return Outcome{Access: DisallowAll, Reason: reason}
}

// Test judges target for agent, as Rules.Test does. Where no rules hold, Rule
// is the reason and Line is 0.
func (o Outcome) Test(agent, target string) Verdict {
	switch {
	case o.Access == ByRules:
		return o.Rules.Test(agent, target)
	case pathOf(target) == "/robots.txt":
		return Verdict{Allowed: true}
	}
	return Verdict{Allowed: o.Access == AllowAll, Rule: o.Reason}
}

// Bounds of how long a robots.txt is believed. RFC 9309, 2.4, gives the upper
// one; the lower spares a host that forbids caching.
const (
	MaxExpiry = 24 * time.Hour
	MinExpiry = 5 * time.Minute
)

// Expiry gives how long a robots.txt may be used, by its Cache-Control values:
// max-age if given, 24 hours if not, within MinExpiry and MaxExpiry.
func Expiry(cacheControl ...string) time.Duration {
	age := MaxExpiry
	for _, value := range cacheControl {
		for _, part := range strings.Split(value, ",") {
			name, arg, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "no-store", "no-cache":
				age = MinExpiry
			case "max-age":
				arg = strings.Trim(strings.TrimSpace(arg), `"`)
				seconds, err := strconv.ParseUint(arg, 10, 31)
				if err == nil {
					age = min(age, time.Duration(seconds)*time.Second)
				}
			}
		}
	}
	return max(age, MinExpiry)
}

// accessMark begins the compact form of an outcome without rules.
const accessMark = "#! "

// Compact gives the outcome as far as it concerns agent, in a form that
// ParseOutcome reads: Rules.Relevant, or a comment that names the access and
// the reason.
func (o Outcome) Compact(agent string) []byte {
	if o.Access == ByRules {
		return o.Rules.Relevant(agent)
	}
	return []byte(accessMark + o.Access.String() + ": " + o.Reason + "\n")
}

// ParseOutcome reads what Outcome.Compact wrote.
func ParseOutcome(text []byte) Outcome {
	if line, ok := strings.CutPrefix(string(text), accessMark); ok {
		name, reason, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		for _, access := range []Access{AllowAll, DisallowAll} {
			if name == access.String() {
				return Outcome{Access: access, Reason: reason}
			}
		}
	}
	return Outcome{Access: ByRules, Rules: ParseCompact(text)}
}
