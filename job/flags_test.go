package job

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func applied(t *testing.T, doc *Document, lookup func(string) (string, bool), args ...string) error {
	t.Helper()
	fs := pflag.NewFlagSet("crawl", pflag.ContinueOnError)
	flags := BindFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags.Apply(doc, lookup)
}

func small(t *testing.T) *Document {
	t.Helper()
	doc, err := Parse("jobs/x.yaml", []byte("seeds:\n  urls: [https://news.example/]\nlimits:\n  pages: 5\n  depth: 3\npoliteness: {delay: 2s, tries: 7}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestFlagsComeBeforeEnvironmentBeforeDocumentBeforeDefault(t *testing.T) {
	doc := small(t)
	err := applied(t, doc, env("NEWSREEL_MAX_PAGES", "50", "NEWSREEL_MAX_DEPTH", "30", "NEWSREEL_TRIES", ""), "--max-pages", "500", "--limit-body=1MiB")
	if err != nil {
		t.Fatal(err)
	}
	explained := Explain(doc)
	for _, want := range []string{
		"pages: 500 # --max-pages", "depth: 30 # NEWSREEL_MAX_DEPTH", "delay: 2s # jobs/x.yaml:6",
		"tries: 7 # jobs/x.yaml:6", "body: 1MiB # --limit-body", "head: 1MiB # default",
		"- https://news.example/ # jobs/x.yaml:2",
	} {
		if !strings.Contains(strings.Join(strings.Fields(explained), " "), want) {
			t.Errorf("no %q in\n%s", want, explained)
		}
	}
}

func TestFlagsOfEveryKind(t *testing.T) {
	doc := small(t)
	err := applied(t, doc, env("NEWSREEL_NO_DEDUP", "1", "NEWSREEL_RESOLVE", "a.example=192.0.2.1, b.example=192.0.2.2"),
		"--no-extract", "--discover=false", "--allow-private", "--include", "/a,b/", "--include=/c/", "--exclude", `\.pdf$`,
		"--delay", "250ms", "--robots", "ignore", "--scope=domain", "--max-bytes", "2GB", "--max-duration", "7d",
		"--user-agent", "me/1", "--contact", "mailto:me@archive.example", "--name", "mine", "--render", "never")
	if err != nil {
		t.Fatal(err)
	}
	if doc.Extract.Enabled || doc.Archive.Dedup || doc.Scope.Discover || !doc.Network.AllowPrivate {
		t.Errorf("booleans: %+v", doc)
	}
	if !slices.Equal(doc.Scope.Include, []string{"/a,b/", "/c/"}) || !slices.Equal(doc.Network.Resolve, []string{"a.example=192.0.2.1", "b.example=192.0.2.2"}) {
		t.Errorf("lists: %+v %+v", doc.Scope, doc.Network)
	}
	if doc.Limits.Bytes != 2e9 || doc.Limits.Duration.Std() != 7*day || doc.Politeness.Delay.String() != "250ms" {
		t.Errorf("numbers: %+v", doc.Limits)
	}
	if doc.Name != "mine" || doc.Collection != "mine" || doc.Politeness.Agent("1.0") != "me/1" {
		t.Errorf("texts: %+v", doc)
	}
}

func TestResolveFlagReplacesTheDocumentsAndMayBeRepeated(t *testing.T) {
	doc := small(t)
	doc.Network.Resolve = []string{"old.example=192.0.2.9"}
	if err := applied(t, doc, env(), "--resolve", "A.example.=192.0.2.1:81", "--resolve=a.example=[2001:db8::1]"); err != nil {
		t.Fatal(err)
	}
	table := doc.Network.Addresses()
	if len(table) != 1 || table["a.example"] != "2001:db8::1" {
		t.Errorf("%v", table)
	}
}

func TestFaultsOfFlagsNameFlagOrVariable(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		env  []string
		want string
	}{
		"a value that is not allowed":   {[]string{"--scope", "all"}, nil, `--scope: "all" is not one of page, prefix, host, domain`},
		"a variable":                    {nil, []string{"NEWSREEL_DELAY", "soon"}, `NEWSREEL_DELAY: "soon" is not a duration such as 1s, 10m, 24h or 7d`},
		"what does not exist yet":       {[]string{"--from", "2016-01-01"}, nil, `--from: date ranges do not exist yet in this version`},
		"a value that is not there yet": {[]string{"--render=auto"}, nil, `--render: auto does not exist yet in this version`},
		"a contradiction":               {[]string{"--per-host", "40"}, nil, `--per-host: 40 is more than politeness.concurrency (32)`},
		"a pattern":                     {[]string{"--include", "a", "--include", "("}, nil, "--include: \"(\" is not a regular expression: missing closing ): `(`"},
		"a size":                        {[]string{"--limit-body", "big"}, nil, `--limit-body: "big" is not a size such as 64MiB or 1GB`},
		"a bound":                       {[]string{"--concurrency", "0"}, nil, `--concurrency: 0 is less than 1`},
		"a switch":                      {[]string{"--no-extract=maybe"}, nil, `--no-extract: "maybe" is not true or false`},
		"a name":                        {[]string{"--name", "A B"}, nil, `--name: "A B" is not a name: small letters, digits and -, not - first, at most 60 characters`},
		"two faults":                    {[]string{"--tries", "x", "--max-pages", "y"}, nil, "--max-pages: \"y\" is not a whole number\n--tries: \"x\" is not a whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			err := applied(t, small(t), env(c.env...), c.args...)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAFlagCanCureWhatItConcerns(t *testing.T) {
	doc := small(t)
	if err := applied(t, doc, env(), "--per-host", "8"); err != nil || doc.Politeness.PerDomain != 8 {
		t.Errorf("per_domain %d, %v", doc.Politeness.PerDomain, err)
	}
	if err := applied(t, doc, env(), "--per-host", "1"); err != nil || doc.Politeness.PerDomain != 4 {
		t.Errorf("per_domain %d, %v", doc.Politeness.PerDomain, err)
	}
}

func TestTheDefaultNameFollowsAScopeFlag(t *testing.T) {
	doc := small(t)
	before := doc.Name
	if err := applied(t, doc, env(), "--scope", "domain"); err != nil {
		t.Fatal(err)
	}
	if doc.Name == before || doc.Collection != doc.Name {
		t.Errorf("name %s, was %s, collection %s", doc.Name, before, doc.Collection)
	}
}

func TestEveryFlagHasHelpAVariableAndNoTwin(t *testing.T) {
	fs := pflag.NewFlagSet("crawl", pflag.ContinueOnError)
	BindFlags(fs) // panics on a twin
	usage := fs.FlagUsages()
	for _, want := range []string{"--max-pages N", "--resolve NAME=ADDR", "--no-extract ", "(default 1s)", "--scope page|prefix|host|domain", "--limit-first-byte TIME"} {
		if !strings.Contains(usage, want) {
			t.Errorf("no %q in\n%s", want, usage)
		}
	}
	golden(t, "testdata/flags.want", usage)
}

func TestBareHostsAreHelped(t *testing.T) {
	for arg, want := range map[string]string{
		"example.com":      `argument 1: "example.com" is not a whole URL; did you mean https://example.com/ ?`,
		"example.com/a b":  `argument 1: "example.com/a b" is not a URL such as https://example.com/`,
		"localhost:8080":   `argument 1: "localhost:8080" is not a URL such as https://example.com/`,
		"jobs/paper.yaml":  `argument 1: "jobs/paper.yaml" is not a URL, and no such job document was found`,
		"gopher://old.net": `argument 1: "gopher://old.net" is neither http:// nor https://`,
	} {
		if _, err := FromURLs([]string{arg}); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", arg, err, want)
		}
	}
	if _, err := FromURLs(nil); err == nil {
		t.Error("no seeds are accepted")
	}
}

func TestDefaultNames(t *testing.T) {
	for url, prefix := range map[string]string{
		"https://www.News.example/a":                   "www-news-example-",
		"http://127.0.0.1:8080/":                       "127-0-0-1-8080-",
		"http://[2001:db8::1]/":                        "2001-db8--1-",
		"https://bücher.example/":                      "xn--bcher-kva-example-",
		"https://" + strings.Repeat("a.", 60) + "com/": "a-a-a-",
	} {
		doc, err := FromURLs([]string{url})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(doc.Name, prefix) || !ValidName(doc.Name) || doc.Collection != doc.Name {
			t.Errorf("%s: %s (%s)", url, doc.Name, doc.Collection)
		}
	}
}
