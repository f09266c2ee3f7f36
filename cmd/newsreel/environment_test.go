package main

import (
	"path/filepath"
	"testing"
)

func TestEachFlagHasAVariable(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	t.Setenv("NEWSREEL_DATA", data)
	wants(t, done(t, "job", "submit", "--name", "morning", "https://www.example.com/"), "morning\n")
	t.Setenv("NEWSREEL_JSON", "true")
	wants(t, done(t, "job", "list"), `"job":"morning"`)
	t.Setenv("NEWSREEL_JSON", "perhaps")
	r := newsreel(t, "job", "list")
	if r.code != exitUsage {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "NEWSREEL_JSON")
}

func TestVariablesOfJobsHoldLists(t *testing.T) {
	t.Setenv("NEWSREEL_EXCLUDE", "/print/\n/amp/")
	t.Setenv("NEWSREEL_RESOLVE", "a.example=192.0.2.1,b.example=192.0.2.2")
	wants(t, done(t, "crawl", "--explain", "https://www.example.com/"), "/print/", "/amp/", "a.example=192.0.2.1", "b.example=192.0.2.2", "NEWSREEL_EXCLUDE")
}
