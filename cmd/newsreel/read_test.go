package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
)

func TestSearchPrintsHitsForPeopleAndAsJSON(t *testing.T) {
	data := demoFolder(t)
	text := done(t, "search", "harbour", "--data", data)
	wants(t, text, "harbour", " · ", "http://")
	lines := done(t, "search", "harbour", "--data", data, "--json")
	goldenShape(t, "search", firstLine(lines))
	all := strings.Count(lines, "\n")
	r := newsreel(t, "search", "harbour", "--data", data, "--json", "--limit", "1")
	if strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("--limit 1 printed:\n%s", r.stdout)
	}
	wants(t, r.stderr, "--limit")
	if some := done(t, "search", "harbour", "--site", "vistka.example", "--data", data, "--json"); strings.Count(some, "\n") >= all || some == "" {
		t.Errorf("--site leaves %q of %d", some, all)
	}
	if r := newsreel(t, "search", "xyzzyx", "--data", data); r.code != 0 || r.stdout != "" {
		t.Errorf("nothing found: exit %d, %q", r.code, r.stdout)
	}
	if r := newsreel(t, "search", "x", "--collection", "none", "--data", data); r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	} else {
		wants(t, r.stderr, "no collection none", "demo")
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func TestExportWritesEachFormatWhole(t *testing.T) {
	data := demoFolder(t)
	cmd := program(t, "export", "--format", "jsonl", "-o", "articles.jsonl", "--data", data, "--json")
	r := finished(t, cmd)
	if r.code != 0 {
		t.Fatal(r.stderr)
	}
	goldenShape(t, "export", r.stdout)
	var said exported
	if err := json.Unmarshal([]byte(r.stdout), &said); err != nil {
		t.Fatal(err)
	}
	// The file is where the command was run, though that moved meanwhile.
	text, err := os.ReadFile(filepath.Join(cmd.Dir, "articles.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	articles := int64(strings.Count(string(text), "\n"))
	if said.Count != articles || said.Bytes != int64(len(text)) || articles < 50 {
		t.Errorf("said %+v of %d articles, %d bytes", said, articles, len(text))
	}
	if left, _ := os.ReadDir(cmd.Dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if out := done(t, "export", "--format", "jsonl", "-o", "-", "--data", data); out != string(text) {
		t.Error("standard output differs from the file")
	}
	rows, err := csv.NewReader(strings.NewReader(done(t, "export", "--format", "csv", "-o", "-", "--collection", "demo", "--data", data))).ReadAll()
	if err != nil || int64(len(rows)) != articles+1 {
		t.Errorf("%d rows of CSV for %d articles, %v", len(rows), articles, err)
	}
	name := filepath.Join(t.TempDir(), "a.parquet")
	done(t, "export", "--format", "parquet", "-o", name, "--data", data)
	table, err := parquet.ReadFile[archive.ArticleRow](name)
	if err != nil || int64(len(table)) != articles {
		t.Errorf("%d rows of Parquet, %v", len(table), err)
	}
	if out := done(t, "export", "--format", "warc", "--query", "harbour", "-o", "-", "--data", data); !strings.HasPrefix(out, "\x1f\x8b") {
		t.Errorf("WARC begins %.20q", out)
	}
	if out := done(t, "export", "--format", "cdxj", "--site", "vistka.example", "-o", "-", "--data", data); !strings.HasPrefix(out, "example,vistka") {
		t.Errorf("CDXJ begins %.60q", out)
	}
}

func TestAnExportThatFailsLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	r := newsreel(t, "export", "--format", "jsonl", "--collection", "none", "-o", filepath.Join(dir, "a"), "--data", demoFolder(t))
	if left, _ := os.ReadDir(dir); r.code != exitFailed || len(left) > 0 {
		t.Errorf("exit %d, %v", r.code, left)
	}
	r = newsreel(t, "export", "--format", "jsonl", "-o", filepath.Join(dir, "none", "a"), "--data", demoFolder(t))
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "export", "no such file")
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	data := demoCopy(t)
	text := done(t, "verify", "--data", data)
	wants(t, text, "Collection demo: all matches", "digests recomputed")
	goldenShape(t, "verify", done(t, "verify", "--collection", "demo", "--data", data, "--json"))

	found, err := filepath.Glob(filepath.Join(data, "s3/newsreel/demo/cdxj/*.cdxj"))
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	f, err := os.OpenFile(found[0], os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("zz"), 0); err != nil {
		t.Fatal(err)
	}
	f.Close()
	r := newsreel(t, "verify", "--data", data)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stdout, "mismatch", filepath.Base(found[0]), "SHA-256")
	wants(t, r.stderr, "mismatch")
	r = newsreel(t, "verify", "--data", data, "--json")
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	goldenShape(t, "verify-mismatch", r.stdout)
}

func TestSweepOfACleanFolderRemovesNothing(t *testing.T) {
	data := demoFolder(t)
	if got := done(t, "sweep", "--data", data); got != "Nothing to remove.\n" {
		t.Errorf("%q", got)
	}
	goldenShape(t, "sweep", done(t, "sweep", "--data", data, "--json"))
}

func TestWhyTellsEachFateOfAFinishedRun(t *testing.T) {
	data := demoFolder(t)
	for _, c := range []struct {
		name, url string
		says      []string
	}{
		{"captured", "http://www.vistka.example/", []string{"captured, status 200", "as a seed", "capture ", "demo/warc/"}},
		{"redirect", "http://thechronicle.example/", []string{"captured, status 301", "a redirect to http://www.thechronicle.example/"}},
		{"robots", "http://www.thechronicle.example/members/login", []string{"skipped: robots", "Disallow: /members/", "by a link on http://www.thechronicle.example/"}},
		{"retried", "http://www.thechronicle.example/weather/", []string{"captured, status 200", "status 503", "after 2 tries", "hop path RL", "allows it: Allow: /"}},
		{"failed", "http://img.gone.example/robots.txt", []string{"failed: connect", "try 2", "after 3 tries", "connection refused"}},
		{"unreachable-robots", "http://img.gone.example/old/press.jpg", []string{"skipped: robots", "robots.txt: unreachable", "as a part of"}},
		{"outside", "https://outside.invalid/", []string{"outside the scope", "not the host of a seed"}},
		{"unknown", "http://www.vistka.example/no-such-page", []string{"not come across", "host www.vistka.example"}},
		{"unknown-host-of-redirected-seed", "http://www.thechronicle.example/no-such-page", []string{"not come across", "host www.thechronicle.example"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wants(t, done(t, "why", c.url, "--data", data), append(c.says, "Job demo")...)
			out := done(t, "why", c.url, "--json", "--data", data)
			if strings.Count(out, "\n") != 1 {
				t.Errorf("not one fate:\n%s", out)
			}
			goldenShape(t, "why-"+c.name, out)
		})
	}
}

// TestWhyAgreesWithTheLedger asks for the fate of some URLs of each kind.
func TestWhyAgreesWithTheLedger(t *testing.T) {
	data := demoFolder(t)
	found, err := filepath.Glob(filepath.Join(data, "s3/newsreel/demo/urls/*.parquet"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	rows, err := parquet.ReadFile[archive.LedgerRow](found[0])
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, row := range rows {
		kind := row.Fate + row.Reason + row.Kind
		if seen[kind]++; seen[kind] > 1 {
			continue
		}
		var s story
		if err := json.Unmarshal([]byte(done(t, "why", row.URL, "--json", "--data", data)), &s); err != nil {
			t.Fatal(err)
		}
		if s.URL != row.URL || s.Fate != row.Fate || s.Reason != row.Reason || s.Discovered == nil || (s.Capture != nil && s.Capture.File != "") != (row.Fate == "captured") {
			t.Errorf("%+v, ledger %+v", s, row)
		}
	}
}

func TestJobsOfAFinishedDemo(t *testing.T) {
	data := demoFolder(t)
	wants(t, done(t, "job", "list", "--data", data), "NAME", "demo", "finished")
	goldenShape(t, "job-list", done(t, "job", "list", "--data", data, "--json"))
	wants(t, done(t, "job", "show", "demo", "--data", data), "Job demo, collection demo, finished", "seeds.urls", "URLs discovered", "articles")
	goldenShape(t, "job-show", done(t, "job", "show", "demo", "--data", data, "--json"))
	wants(t, done(t, "job", "watch", "demo", "--data", data), "Job demo, run 1")
	for _, word := range []string{"pause", "resume", "cancel"} {
		r := newsreel(t, "job", word, "demo", "--data", data)
		if r.code != exitFailed {
			t.Errorf("%s: exit %d", word, r.code)
		}
		wants(t, r.stderr, "run 1 of job demo is over", word)
	}
	r := newsreel(t, "job", "show", "none", "--data", data)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "no job none", "newsreel job list --data")
}
