package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"newsreel/internal/weburl"
)

const (
	maxName  = 60
	hashName = 8 // hex digits of a default name's hash
)

// FromURLs is a document with every default and these pages as seeds. Errors
// name the argument and, for a bare host, the URL that was probably meant.
func FromURLs(urls []string) (*Document, error) {
	doc := Default()
	doc.Seeds.URLs = slices.Clone(urls)
	for i := range urls {
		doc.origins[fmt.Sprintf("seeds.urls[%d]", i)] = origin{name: fmt.Sprintf("argument %d", i+1)}
	}
	doc.origins["seeds.urls"] = origin{name: "arguments"}
	if err := doc.settle().err(); err != nil {
		return nil, err
	}
	return doc, nil
}

type seedList struct {
	key  string
	urls *[]string
}

func (d *Document) seedLists() []seedList {
	return []seedList{
		{"seeds.urls", &d.Seeds.URLs}, {"seeds.feeds", &d.Seeds.Feeds},
		{"seeds.sitemaps", &d.Seeds.Sitemaps}, {"seeds.front_pages", &d.Seeds.FrontPages},
	}
}

// AllSeeds are the seeds of every kind as written, pages first.
func (d *Document) AllSeeds() []string {
	var all []string
	for _, list := range d.seedLists() {
		all = append(all, *list.urls...)
	}
	return all
}

// Identity is a hash (64 hex digits) of the seeds in their normal form, in any
// order, and of the scope. Documents with another identity are other jobs.
func (d *Document) Identity() string {
	hash := sha256.New()
	write := func(kind string, values []string, sorted bool) {
		values = slices.Clone(values)
		if sorted {
			slices.Sort(values)
			values = slices.Compact(values)
		}
		for _, value := range values {
			fmt.Fprintf(hash, "%s %d:%s\n", kind, len(value), value)
		}
	}
	for _, list := range d.seedLists() {
		normal := make([]string, len(*list.urls))
		for i, seed := range *list.urls {
			var err error
			if normal[i], err = seedURL(seed); err != nil {
				normal[i] = seed
			}
		}
		write(list.key, normal, true)
	}
	write("scope", []string{d.Scope.Mode, fmt.Sprint(d.Scope.Discover)}, false)
	write("include", d.Scope.Include, true)
	write("exclude", d.Scope.Exclude, true)
	return hex.EncodeToString(hash.Sum(nil))
}

// defaultName is the first seed's host and a short hash of Identity.
func (d *Document) defaultName() string {
	host := ""
	if normal, err := seedURL(d.AllSeeds()[0]); err == nil {
		host = weburl.Host(normal)
	}
	host = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(host))
	host = strings.Trim(host, "-")
	if most := maxName - hashName - 1; len(host) > most {
		host = strings.TrimRight(host[:most], "-")
	}
	if host == "" {
		host = "job"
	}
	return host + "-" + d.Identity()[:hashName]
}
