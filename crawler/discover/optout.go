package discover

import (
	"iter"
	"slices"
	"strings"
)

// OptOutHeaders gives what X-Robots-Tag and TDM-Reservation fields ask, each
// directive once, in order. fields are names and values as received; agent is
// the product token for which "agent: noindex" is meant.
//
// Directives are: noindex, nofollow ("none" is both), noarchive (also as
// nocache), nosnippet, noimageindex, noai, noimageai, unavailable_after, and
// tdm-reservation (TDM Reservation Protocol, value 1).
func OptOutHeaders(fields iter.Seq2[string, string], agent string) []string {
	var out []string
	for name, value := range fields {
		switch {
		case strings.EqualFold(name, "X-Robots-Tag"):
			out = addRobotsTag(out, value, agent)
		case strings.EqualFold(name, "TDM-Reservation"):
			out = addTDM(out, value)
		}
	}
	return out
}

// addRobotsTag reads one field. A name before a colon that is no directive is
// an agent's, and holds until the next.
func addRobotsTag(out []string, value, agent string) []string {
	ours := true
	for _, part := range strings.Split(clip(value), ",") {
		part = strings.TrimSpace(part)
		if name, rest, ok := strings.Cut(part, ":"); ok && !valued(strings.TrimSpace(name)) {
			name = strings.TrimSpace(name)
			ours = name == "*" || strings.EqualFold(name, "robots") || agent != "" && strings.EqualFold(name, agent)
			part = rest
		}
		if ours {
			out = addDirective(out, part)
		}
	}
	return out
}

func clip(s string) string { return s[:min(len(s), 4<<10)] }

// valued tells the directives that have a value after a colon.
func valued(name string) bool {
	switch strings.ToLower(name) {
	case "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview":
		return true
	}
	return false
}

func addDirective(out []string, part string) []string {
	name, _, _ := strings.Cut(part, ":")
	switch name = strings.ToLower(strings.TrimSpace(name)); name {
	case "none":
		return addOnce(addOnce(out, "noindex"), "nofollow")
	case "nocache":
		return addOnce(out, "noarchive")
	case "noindex", "nofollow", "noarchive", "nosnippet", "noimageindex", "noai", "noimageai", "unavailable_after":
		return addOnce(out, name)
	}
	return out
}

func addOnce(out []string, s string) []string {
	if slices.Contains(out, s) {
		return out
	}
	return append(out, s)
}

func addTDM(out []string, value string) []string {
	if strings.TrimSpace(value) == "1" {
		return addOnce(out, "tdm-reservation")
	}
	return out
}

// metaRobots reads a robots meta element. Directives are parted by commas,
// and by blanks on pages that forgot them.
func (p *page) metaRobots(content []byte) {
	const most = 16
	if len(p.out.MetaRobots) >= most {
		return
	}
	text := clip(strings.ToValidUTF8(string(content), "\uFFFD"))
	p.out.MetaRobots = append(p.out.MetaRobots, text)
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		p.out.OptOuts = addDirective(p.out.OptOuts, part)
	}
}
