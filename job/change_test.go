package job

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func parsed(t *testing.T, text string) *Document {
	t.Helper()
	doc, err := Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestHashDoesNotDependOnTheOrderOfKeys(t *testing.T) {
	a := parsed(t, "name: n\nseeds: {urls: [https://news.example/]}\nlimits: {pages: 5, depth: 1}\n")
	b := parsed(t, "limits: {depth: 1, pages: 5}\nseeds: {urls: ['https://news.example/']}\nname: 'n'\ncollection: n\n")
	if a.Hash() != b.Hash() {
		t.Error("hashes differ")
	}
	if b.Limits.Depth = 2; a.Hash() == b.Hash() {
		t.Error("hashes agree")
	}
}

func TestIdentityKnowsSeedsByTheirNormalFormInAnyOrder(t *testing.T) {
	a := parsed(t, "seeds: {urls: ['https://news.example', 'https://b.example/']}")
	b := parsed(t, "seeds: {urls: ['https://b.example/#top', 'HTTPS://NEWS.example:443/']}\nlimits: {pages: 4}")
	c := parsed(t, "seeds: {urls: ['https://b.example/']}")
	d := parsed(t, "seeds: {feeds: ['https://b.example/']}")
	if a.Identity() != b.Identity() {
		t.Error("the same seeds make another job")
	}
	if a.Identity() == c.Identity() || c.Identity() == d.Identity() {
		t.Error("other seeds make the same job")
	}
}

func TestResume(t *testing.T) {
	const base = "name: paper\nseeds: {urls: [https://news.example/, https://b.example/]}\n"
	for name, c := range map[string]struct {
		text, applied, err string
	}{
		"nothing changed":        {base, "", ""},
		"limits and politeness":  {base + "limits: {pages: 9, protect: {body: 1MiB}}\npoliteness: {delay: 3s}\n", "limits.pages limits.protect.body politeness.delay", ""},
		"other keys are refused": {base + "limits: {pages: 9}\narchive: {digest: sha256}\nnetwork: {allow_private: true}\n", "", "resume job paper: network.allow_private, archive.digest changed; only limits"},
		"the collection":         {base + "collection: other\n", "", "resume job paper: collection changed"},
		"other seeds":            {"name: paper\nseeds: {urls: [https://c.example/]}\n", "", "job paper exists with other seeds or scope (seeds.urls changed)"},
		"another scope":          {base + "scope: {mode: domain}\n", "", "job paper exists with other seeds or scope (scope.mode changed)"},
		"seeds in another order": {"name: paper\nseeds: {urls: [https://b.example/, https://news.example]}\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := parsed(t, base), parsed(t, c.text)
			kept := stored(t, old)
			keys, err := Resume(kept, new)
			if got := strings.Join(keys, " "); got != c.applied {
				t.Errorf("applied %q, want %q", got, c.applied)
			}
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), c.err)) {
				t.Errorf("error %v, want %s", err, c.err)
			}
			if other := SameJob(kept, new) != nil; other != strings.HasPrefix(c.err, "job paper exists") {
				t.Errorf("another job: %v", other)
			}
		})
	}
}

func TestEveryKeyHasItsKindOfChange(t *testing.T) {
	var atOnce []string
	for _, key := range Keys() {
		if ChangeOf(key.Path) == AppliesAtOnce {
			section, _, _ := strings.Cut(key.Path, ".")
			atOnce = append(atOnce, section)
		}
	}
	if got := slices.Compact(atOnce); !slices.Equal(got, []string{"limits", "politeness"}) {
		t.Errorf("%v", got)
	}
}

func stored(t *testing.T, doc *Document) *Document {
	t.Helper()
	var back Document
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return &back
}

func TestAStoredDocumentKeepsItsNameUnderFlags(t *testing.T) {
	doc := stored(t, parsed(t, "name: paper\ncollection: papers\nseeds: {urls: [https://news.example/]}\n"))
	if err := applied(t, doc, env(), "--delay", "5s"); err != nil {
		t.Fatal(err)
	}
	if doc.Name != "paper" || doc.Collection != "papers" || doc.Politeness.Delay.String() != "5s" {
		t.Errorf("%+v", doc)
	}
	if explained := Explain(doc); !strings.Contains(explained, "# stored document") || !strings.Contains(explained, "# --delay") {
		t.Error(explained)
	}
}

func TestAStoredDocumentOfAnEarlierVersionGetsDefaults(t *testing.T) {
	var doc Document
	if err := json.Unmarshal([]byte(`{"name":"paper","collection":"paper","seeds":{"urls":["https://news.example/"]},"gone":1}`), &doc); err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(); err != nil || doc.Politeness.Concurrency != 32 || !doc.Extract.Enabled {
		t.Errorf("%v %+v", err, doc)
	}
}

func TestValidateSeesWhatWasSetPastParse(t *testing.T) {
	doc := parsed(t, "seeds: {urls: [https://news.example/]}")
	doc.Name, doc.Scope.Mode, doc.Limits.Protect.Body, doc.Dates.From = "../x", "all", 1, "2016"
	const want = `scope.mode: "all" is not one of page, prefix, host, domain
dates.from: date ranges do not exist yet in this version
limits.protect.body: 1 is less than 1KiB
name: "../x" is not a name: small letters, digits and -, not - first, at most 60 characters`
	if err := doc.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestPublicHidesTheProxysPassword(t *testing.T) {
	doc := parsed(t, "seeds: {urls: [https://news.example/]}\nnetwork: {proxy: 'http://user:se@cret@proxy.example:3128'}\n")
	if data, err := json.Marshal(doc.Public()); err != nil || strings.Contains(string(data), "cret") {
		t.Errorf("%s %v", data, err)
	}
	if !strings.Contains(doc.Network.Proxy, "se@cret") {
		t.Error("the document itself has lost it")
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "5": 5, "5B": 5, "1kB": 1000, "1KB": 1000, "64MiB": 64 << 20, "1GB": 1e9, "2 TiB": 2 << 40, "1.5KiB": 1536, "10m": -1,
		"": -1, "MiB": -1, "-1": -1, "1.5": -1, "1e9": -1, "9223372036854775807": 1<<63 - 1, "9223372036854775808": -1, ".5kB": -1, "0x10": -1,
	} {
		got, err := ParseBytes(text)
		if want == -1 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
		if back, err := ParseBytes(got.String()); err != nil || back != got {
			t.Errorf("%q came back as %s", text, got)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{
		"1s": "1s", "10m": "10m", "24h": "24h", "7d": "7d", "1d": "24h", "1d12h": "36h", "90s": "1m30s", "0": "0s", "1h0m5s": "1h0m5s", "1500ms": "1.5s",
		"": "", "5": "", "-1s": "", "d": "", "1w": "", "1d-2h": "", "300000d": "", "106751d24h": "", "1d2": "",
	} {
		got, err := ParseDuration(text)
		if want == "" && err == nil || want != "" && (err != nil || got.String() != want) {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
		if back, err := ParseDuration(got.String()); err != nil || back != got {
			t.Errorf("%q came back as %s, %v", text, got, err)
		}
	}
}

func FuzzUnits(f *testing.F) {
	for _, text := range []string{"64MiB", "7d12h", "1.5GB", "0", "-1s", "1e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if size, err := ParseBytes(text); err == nil {
			if back, err := ParseBytes(size.String()); err != nil || back != size {
				t.Errorf("%q is %d is %s is %d (%v)", text, size, size, back, err)
			}
		}
		if span, err := ParseDuration(text); err == nil {
			if back, err := ParseDuration(span.String()); err != nil || back != span {
				t.Errorf("%q is %d is %s is %d (%v)", text, span, span, back, err)
			}
		}
	})
}
