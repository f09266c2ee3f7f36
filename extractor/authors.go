package extractor

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// authors lists the people who wrote the article, as structured data, head or
// byline name them, in that order of trust. Organisations and "staff" stand in
// only where no person is named.
func (s *story) authors() (names []string, from string, confidence float64) {
	var orgs []string
	add := func(name string, org bool) {
		for _, n := range splitNames(name) {
			switch {
			case org || s.siteLike(n) || staff.MatchString(n):
				orgs = appendNew(orgs, n)
			case plausibleName(n):
				names = appendNew(names, n)
			}
		}
	}
	for i := range s.things {
		for _, p := range s.things[i].Authors {
			add(p.Name, p.Org)
		}
		if len(names) > 0 {
			return names, s.things[i].From + " author", 0.92
		}
	}
	for _, m := range []string{"author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "cxenseparse:author", "byl", "article:author_name", "twitter:data1"} {
		for _, v := range s.meta.All(m) {
			if v = page.Fold(v); !strings.Contains(v, "/") && !strings.Contains(v, "@") && (m != "twitter:data1" || strings.Contains(strings.ToLower(s.meta.Get("twitter:label1")), "written")) {
				add(v, false)
			}
		}
		if len(names) > 0 {
			return names, "meta " + m, 0.85
		}
	}
	if names = s.byline(); len(names) > 0 {
		return names, "byline", 0.75
	}
	return orgs, "organisation", 0.5
}

func appendNew(list []string, name string) []string {
	for _, have := range list {
		if strings.EqualFold(have, name) {
			return list
		}
	}
	if len(list) >= 40 {
		return list
	}
	return append(list, name)
}

var (
	staff  = regexp.MustCompile(`(?i)^(staff|editor|editorial|redaktion|redaction|rédaction|redacción|redazione|redaktionen|admin|administrator|newsroom|news desk|web ?desk|agenc\w*|agentur\w*|reuters|afp|dpa|ap|associated press|efe|ansa|tass|interfax|ritzau|ntb|tt|belga|apa|keystone-sda|sda|epd|kna|anonymous|guest|correspondent|press release|la rédaction|onlineredaktion|online-redaktion)\b.{0,25}$`)
	byWord = regexp.MustCompile(`(?i)^\s*(?:story by|written by|text von|text|by|von|par|por|de|di|av|af|door|od|autor(?:in|en)?|author|auteur|przez|автор|текст|reported by|yazan|oleh)\s*[:：]?\s+|^\s*(?:文|取材|執筆|構成|記者|文/|글)\s?[・＝=:：/]\s*`)
	// bylineEnd is what stands between names and a date, and roles behind names.
	bylineEnd = regexp.MustCompile(`(?i)\s*(?:\||·|\s[-–—]\s.*|\bposted\b|\bon\b|\bam\b|\ble\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bedited by\b.*|\bspecial to\b.*|\b(?:senior|staff|chief|executive|foreign|political|sports)?\s*(?:writers?|editors?|correspondents?|reporters?)\b.*)[\s,|]*$`)
	// initials are how a paper signs for an author, after the name: "(obe)".
	initials = regexp.MustCompile(`\s*\(\pL{1,5}\.?\)$`)
	// titles are what Korean and Japanese papers write behind a reporter's name.
	titles    = regexp.MustCompile(`\s(?:\S{0,4}기자|\S{0,4}특파원|논설위원|記者)$`)
	nameSplit = regexp.MustCompile(`\s*(?:[,;|&/•、，]|\s(?:and|und|et|y|e|og|och|en|и|та|i|ve|dan)\s)\s*`)
)

// splitNames parts a byline into names.
func splitNames(s string) []string {
	s = byWord.ReplaceAllString(page.Fold(s), "")
	if len(s) > 300 {
		return nil
	}
	var out []string
	for _, n := range nameSplit.Split(s, -1) {
		n = titles.ReplaceAllString(initials.ReplaceAllString(strings.TrimSpace(n), ""), "")
		if n = strings.Trim(n, " .:-–—()"); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// plausibleName tells whether a text can be a person's name: two to five words,
// or one, without digits, the first letter no small one.
func plausibleName(n string) bool {
	if l := utf8.RuneCountInString(n); l < 2 || l > 60 || strings.ContainsAny(n, "0123456789@/<>{}=_#") {
		return false
	}
	first, _ := utf8.DecodeRuneInString(n)
	words := strings.Fields(n)
	return len(words) <= 6 && (!unicode.IsLower(first) || len(words) > 1)
}

// byline reads names from a short block near the headline whose names or first
// word say that it is a byline.
func (s *story) byline() []string {
	if s.first < 0 {
		return nil
	}
	from := max(0, s.first-12)
	if s.titleBlock >= 0 && s.titleBlock < s.first {
		from = max(0, s.titleBlock-3)
	}
	for i := from; i <= min(s.first, len(s.blocks)-1); i++ {
		if names := s.signed(i, true); len(names) > 0 {
			return names
		}
	}
	for i := s.last; i < min(s.last+4, len(s.blocks)); i++ {
		if names := s.signed(i, false); len(names) > 0 {
			return names
		}
	}
	return nil
}

// signed reads the names of one block: where its first word says so, or, with
// byName, where its elements' names do.
func (s *story) signed(i int, byName bool) []string {
	b := &s.blocks[i]
	if i == s.titleBlock || len(b.Text) > 160 {
		return nil
	}
	marked := byName && b.Node.AboveMarked(page.AuthorBox|page.Byline, 3) != nil
	if !marked && !byWord.MatchString(b.Text) {
		return nil
	}
	var names []string
	for _, n := range splitNames(s.bylineText(i)) {
		if first, _ := utf8.DecodeRuneInString(n); !marked && unicode.IsLower(first) {
			continue // "De handlende" begins with no "by"
		}
		if plausibleName(n) && (len(strings.Fields(n)) > 1 || strings.Contains(b.Text, n+" 기자")) && !staff.MatchString(n) && !s.siteLike(n) && !readers.LabelsDate(n) && !strings.HasPrefix(strings.ToLower(n), "last ") && (marked || readers.Words(n) <= 4) {
			names = appendNew(names, n)
		}
	}
	return names
}

// bylineText is a block's text up to its date: "By Jane Doe May 3, 2024".
func (s *story) bylineText(i int) string {
	text := s.blocks[i].Text
	for k := range s.printed {
		if d := &s.printed[k]; d.Block == i && d.Start > 3 && d.Start <= len(text) {
			text = readers.WithoutLabel(text[:d.Start])
			break
		}
	}
	return bylineEnd.ReplaceAllString(text, "")
}
