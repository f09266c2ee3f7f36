package main

import (
	"strings"
	"testing"
)

func TestAReportComparesWithTheFloorOfTheSameRound(t *testing.T) {
	r := &Report{Hosts: 1, Pages: 1000, Rounds: 2}
	for _, m := range []Measured{
		{Subject: "floor", CPU: 1, Wall: 2, Pages: 1000, Requests: 1000, All: true},
		{Subject: "newsreel", CPU: 3, Wall: 4, Pages: 1000, Requests: 1001, All: true, Disk: 30_000_000, Archive: 24_000_000, PeakMB: 100},
		{Subject: "floor", CPU: 2, Wall: 2, Pages: 1000, Requests: 1000, All: true},
		{Subject: "newsreel", CPU: 4, Wall: 6, Pages: 1000, Requests: 1003, Twice: 2, PeakMB: 80},
	} {
		r.add(m)
	}
	r.finish()
	if len(r.Rows) != 2 || r.Rows[0].Subject != "floor" || r.Rows[0].Floor != 1 {
		t.Fatalf("rows: %+v", r.Rows)
	}
	got := r.Rows[1]
	want := Row{Subject: "newsreel", CPU: 3.5, Least: 3, Most: 4, Floor: 2.5, PerSecond: 200, PeakMB: 100,
		DiskKB: 15, ArchiveKB: 12, PerURL: 1.002, Twice: 2, All: false}
	got.PerURL = float64(int(got.PerURL*1000+0.5)) / 1000
	if got != want {
		t.Errorf("row\n %+v, want\n %+v", got, want)
	}
	var text strings.Builder
	r.print(&text)
	if !strings.Contains(text.String(), "NO") || !strings.Contains(text.String(), "2.50") {
		t.Errorf("printed:\n%s", text.String())
	}
}

func TestSubjectsAreChosenByName(t *testing.T) {
	if list, err := subjectsOf(options{only: "floor,newsreel"}); err != nil || len(list) != 2 || list[1].name != "newsreel" {
		t.Errorf("chosen: %+v, %v", list, err)
	}
	if _, err := subjectsOf(options{only: "floor,zeno"}); err == nil || !strings.Contains(err.Error(), "zeno") {
		t.Errorf("an unknown name: %v", err)
	}
}
