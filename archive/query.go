package archive

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrQuery says that a query has no word to look for.
var ErrQuery = errors.New("the query has no word in it")

// query is what is looked for: all terms must be found. A term is folded, with
// a blank at each end where a word must begin or end.
type query struct {
	terms [][]byte
	fold  *folder
}

// parseQuery reads words, and words in double quotes that must follow each
// other.
func parseQuery(text string) (*query, error) {
	q := &query{fold: newFolder()}
	for i, part := range strings.FieldsFunc(text, isQuote) {
		if quoted := i%2 == 1 != (text != "" && isQuote(firstRune(text))); quoted {
			q.add(part)
			continue
		}
		for _, word := range strings.Fields(part) {
			q.add(word)
		}
	}
	if len(q.terms) == 0 {
		return nil, ErrQuery
	}
	return q, nil
}

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '„' }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// add adds a term. A word in a script without blanks may stand within others.
func (q *query) add(text string) {
	term := bytes.Clone(q.fold.fold(text))
	inner := bytes.TrimSpace(term)
	if len(inner) == 0 {
		return
	}
	first, _ := utf8.DecodeRune(inner)
	last, _ := utf8.DecodeLastRune(inner)
	if unspaced(first) {
		term = term[1:]
	}
	if unspaced(last) {
		term = term[:len(term)-1]
	}
	q.terms = append(q.terms, term)
}

// match says whether all terms are in the texts, and how many are in the first
// of them, the headline.
func (q *query) match(headline string, others ...string) (inHeadline int, ok bool) {
	var found uint64
	missing := len(q.terms)
	scan := func(text string) {
		if text == "" {
			return
		}
		folded := q.fold.fold(text)
		for i, term := range q.terms {
			if bit := uint64(1) << (i % 64); found&bit == 0 && bytes.Contains(folded, term) {
				if i < 64 {
					found |= bit
				}
				missing--
			}
		}
	}
	scan(headline)
	inHeadline = len(q.terms) - missing
	for _, text := range others {
		if missing == 0 {
			break
		}
		scan(text)
	}
	return inHeadline, missing == 0
}

// snippetBytes is about how long a snippet is.
const snippetBytes = 240

// snippet returns the part of a text around the first term that is in it, or
// its beginning.
func (q *query) snippet(text string) string {
	if len(text) <= snippetBytes {
		return strings.Join(strings.Fields(text), " ")
	}
	folded, from := q.fold.foldIndexed(text)
	at := -1
	for _, term := range q.terms {
		if i := bytes.Index(folded, term); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	start := 0
	if at >= 0 {
		start = max(0, int(from[at])-snippetBytes/3)
	}
	end := min(len(text), start+snippetBytes)
	start, end = toBlank(text, start, -1), toBlank(text, end, 1)
	s := strings.Join(strings.Fields(text[start:end]), " ")
	if start > 0 {
		s = "… " + s
	}
	if end < len(text) {
		s += " …"
	}
	return s
}

// toBlank moves an offset to the nearest blank in a direction, or else to the
// border of a character.
func toBlank(text string, at, step int) int {
	const far = 30
	for i, n := at, 0; i > 0 && i < len(text) && n < far; i, n = i+step, n+1 {
		if text[i] == ' ' || text[i] == '\n' {
			return i
		}
	}
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at += step
	}
	return at
}
