package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"newsreel/archiver"
	"newsreel/job"
	"newsreel/stream"
)

func TestWordsForAShell(t *testing.T) {
	for in, want := range map[string]string{
		"./data": "./data", "": "''", "my data": "'my data'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a~b": "'a~b'",
	} {
		if got := shellWord(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := dataFlag(defaultData); got != "" {
		t.Errorf("the default folder is named: %q", got)
	}
	if got := folderAt("/x y").starts("a"); got != "newsreel crawl --name a --data '/x y'" {
		t.Error(got)
	}
}

func TestTextFromOutsideCannotSteerTheTerminal(t *testing.T) {
	if got := plain("a\x1b[31m\r\nb\t c\u202e\ufeff "); got != "a [31m b c" {
		t.Errorf("%q", got)
	}
}

func TestTableColumnsAreAsWideAsTheirWidestCell(t *testing.T) {
	var out strings.Builder
	if err := table(&out, [][]string{{"NAME", "N", "X"}, {"köln", "1\u2009000", ""}, {"a", "2", "y"}}, 1); err != nil {
		t.Fatal(err)
	}
	if want := "NAME      N  X\nköln  1\u2009000\na         2  y\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestStatesOfARunInWords(t *testing.T) {
	at := time.Date(2024, 5, 3, 18, 0, 0, 0, time.UTC)
	v := runView{Message: "paused"}
	v.State, v.Started = job.StateRunning, at
	if got := runText(&v, at.Add(3*time.Minute)); got != "running for 3m 00s (paused)" {
		t.Error(got)
	}
	v.State = job.StatePaused
	if got := runText(&v, at); got != "paused" {
		t.Error(got)
	}
}

func TestDocumentSummaryHasWhatIsNotDefault(t *testing.T) {
	d := job.Default()
	d.Seeds.URLs = []string{"https://a.example/", "https://b.example/", "https://c.example/", "https://d.example/", "https://e.example/"}
	d.Limits.Pages = 7
	got := strings.Join(asked(d), "\n")
	wants(t, got, "seeds.urls", "https://c.example/ and 2 more", "limits.pages", "7")
	if strings.Contains(got, "politeness") {
		t.Errorf("defaults are named:\n%s", got)
	}
}

func TestFatesInWords(t *testing.T) {
	for _, c := range []struct {
		story story
		want  string
	}{
		{story{Fate: stream.FateCaptured, Status: 301, Redirect: "https://a.example/"}, "captured, status 301, a redirect to https://a.example/"},
		{story{Fate: stream.FateSkipped, Reason: "type"}, "skipped: type"},
		{story{Fate: stream.FateWaiting}, "waiting to be fetched"},
		{story{Fate: fateUnknown}, "not come across, though it is within the scope"},
	} {
		if got := fateText(&c.story); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestAReasonIsNotSaidTwice(t *testing.T) {
	for _, c := range []struct{ reason, detail, want string }{
		{"status", "status 502", "status 502"},
		{"address", "", "address (refused)"},
		{"dns", "lookup a.example: no such host", "dns (no such name): lookup a.example: no such host"},
	} {
		if got := because(c.reason, c.detail); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestACaptureWithoutAMediaTypeEndsAtItsID(t *testing.T) {
	for mime, want := range map[string]string{"": "capture 5a", "text/html": "capture 5a, text/html"} {
		var first string
		printCapture(func(name, format string, args ...any) {
			if first == "" {
				first = name + " " + fmt.Sprintf(format, args...)
			}
		}, &story{}, &captureNote{ID: "5a", MIME: mime})
		if first != want {
			t.Errorf("%s, want %s", first, want)
		}
	}
}

func TestHowAURLWasFoundInWords(t *testing.T) {
	at := time.Date(2024, 5, 3, 18, 19, 8, 0, time.UTC)
	for _, c := range []struct {
		story story
		want  string
	}{
		{story{DiscoveredBy: "seed"}, "2024-05-03 18:19:08 as a seed"},
		{story{DiscoveredBy: "link", Via: "https://a.example/", HopPath: "LL", Depth: 2}, "2024-05-03 18:19:08 by a link on https://a.example/ (hop path LL, depth 2)"},
		{story{DiscoveredBy: "robots", Kind: stream.KindRobots, Via: "https://a.example/x"}, "2024-05-03 18:19:08 for the robots.txt of https://a.example/x"},
		{story{DiscoveredBy: "robots", Kind: stream.KindSitemap, Via: "https://a.example/robots.txt"}, "2024-05-03 18:19:08 named by https://a.example/robots.txt"},
	} {
		c.story.Discovered = &at
		if got := foundText(&c.story); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestAnAttemptIsToldOnceAndTheNewestOutcomeCounts(t *testing.T) {
	at := time.Date(2024, 5, 3, 18, 0, 0, 0, time.UTC)
	s := story{URL: "https://a.example/"}
	for range 2 { // the crawl log and the run log both hold them
		s.retry(&stream.Retry{URL: s.URL, Time: at.Add(time.Second)})
		s.retry(&stream.Retry{URL: s.URL, Time: at})
		s.retry(&stream.Retry{URL: "https://b.example/", Time: at})
		s.outcome(&stream.Outcome{URL: s.URL, Time: at.Add(3 * time.Second), Detail: "new"})
		s.outcome(&stream.Outcome{URL: s.URL, Time: at.Add(2 * time.Second), Detail: "old"})
	}
	if len(s.Retries) != 2 || !s.Retries[0].Time.Equal(at) || s.Detail != "new" {
		t.Errorf("%+v", s)
	}
}

func TestSweepsInWords(t *testing.T) {
	if got := sweepText(&archiver.SweepReport{Kept: 1}); got != "Nothing to remove. Kept 1 object that may be under way." {
		t.Error(got)
	}
	if got := sweepText(&archiver.SweepReport{Staged: 2, Bytes: 10}); got != "Removed 0 objects of lost attempts, 2 staged objects and 0 run logs of finished runs: 10 B." {
		t.Error(got)
	}
}
