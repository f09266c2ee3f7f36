package progress

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected files")

var start = time.Date(2016, 9, 5, 10, 39, 0, 0, time.UTC)

// clock is moved by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func printer(terminal bool, columns int) (*Printer, *bytes.Buffer, *clock) {
	var out bytes.Buffer
	c := &clock{at: start}
	p := New(&out, terminal, c.now)
	p.width = func() int { return columns }
	return p, &out, c
}

func state(captured int64) Snapshot {
	return Snapshot{
		Discovered: 1234, Captured: captured, Failed: 3, Skipped: 40, Waiting: 1191 - captured, InFlight: 4, Articles: captured / 3,
		Bytes: captured * 65_432, PagesPerSecond: 8.42, Note: "robots.txt of news.example asks for 2 s", Started: start,
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// visible makes control sequences readable, one drawing a line.
func visible(out string) string {
	return strings.NewReplacer(eraseLine, "\n<erase>", "\n", "<end>\n").Replace(out)
}

func TestBarIsRedrawnAtMostFiveTimesASecond(t *testing.T) {
	p, out, c := printer(true, 100)
	for i := range int64(21) {
		p.Update(state(i * 10))
		if i == 12 {
			p.Message("news.example: certificate expired\nrecorded as a fact")
		}
		c.advance(50 * time.Millisecond)
	}
	p.Done()
	p.Done()
	p.Update(state(1000))
	golden(t, "terminal.want", visible(out.String()))
}

func TestPlainLinesComeEveryTenSeconds(t *testing.T) {
	p, out, c := printer(false, 0)
	p.Message("crawl of news.example starts")
	for i := range int64(50) {
		p.Update(state(i * 10))
		c.advance(500 * time.Millisecond)
	}
	p.Done()
	p.Update(state(1000))
	golden(t, "plain.want", out.String())
}

func TestBarFitsEveryWidth(t *testing.T) {
	s := state(500)
	s.Note = "新聞 front page \x1b[31mred\x1b[0m \u202eturned"
	var lines strings.Builder
	for columns := range 200 {
		line := barLine(s, start.Add(83*time.Second), columns)
		if got := cells(line); got > max(columns-1, 1) {
			t.Errorf("%d cells in %d columns: %s", got, columns, line)
		}
		if columns%15 == 0 {
			fmt.Fprintf(&lines, "%3d|%s|\n", columns, line)
		}
	}
	golden(t, "widths.want", lines.String())
}

func TestEmptyAndOddStatesAreShown(t *testing.T) {
	var lines strings.Builder
	for _, s := range []Snapshot{
		{},
		{Discovered: 1, Captured: 1},
		{Discovered: 1000, Captured: 999, Waiting: 1},
		{Discovered: 1, Captured: 5, PagesPerSecond: math.NaN()},
		{Captured: -1, Bytes: -1, PagesPerSecond: math.Inf(1)},
	} {
		fmt.Fprintf(&lines, "%s\n%s\n", barLine(s, start, 80), plainLine(s, start))
	}
	golden(t, "odd.want", lines.String())
}

func TestNothingIsShownWithoutAnUpdate(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		p, out, _ := printer(terminal, 80)
		p.Done()
		if out.Len() > 0 {
			t.Errorf("%q", out)
		}
	}
}

func TestMessagesCannotSteerTheTerminal(t *testing.T) {
	p, out, _ := printer(true, 80)
	p.Message("a\x1b]0;title\x07b\r\u009bc\nd\n")
	if got := out.String(); got != "a ]0;title b  c\nd\n" {
		t.Errorf("%q", got)
	}
}

func TestAClockSetBackDoesNotStopTheBar(t *testing.T) {
	p, out, c := printer(true, 80)
	p.Update(state(1))
	c.advance(-time.Hour)
	p.Update(state(2))
	if !strings.Contains(out.String(), "2 captured") {
		t.Errorf("%q", out)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestUseFromManyPlacesOverABrokenWriter(t *testing.T) {
	p := New(broken{}, true, time.Now)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range int64(50) {
				p.Update(state(j))
				if i == 0 {
					p.Message("hello")
				}
			}
		})
	}
	wg.Wait()
	p.Done()
}

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		Count(0): "0", Count(999): "999", Count(1000): "1\u2009000", Count(-1234567): "-1\u2009234\u2009567", Count(math.MinInt64): "-9\u2009223\u2009372\u2009036\u2009854\u2009775\u2009808",
		Bytes(0): "0 B", Bytes(999): "999 B", Bytes(1000): "1.00 kB", Bytes(999_499): "999 kB", Bytes(999_500): "1.00 MB", Bytes(12_345_678): "12.3 MB", Bytes(1 << 30): "1.07 GB", Bytes(math.MaxInt64): "9.22 EB",
		Bytes(-5): "-5 B", Duration(0): "0 ms", Duration(999 * time.Millisecond): "999 ms", Duration(9990 * time.Millisecond): "9.9 s", Duration(59*time.Second + 999*time.Millisecond): "59 s",
		Duration(185 * time.Second): "3m 05s", Duration(62 * time.Minute): "1h 02m", Duration(52 * time.Hour): "2d 04h", Duration(-2 * time.Minute): "-2m 00s",
		Rate(0.25): "0.25", Rate(8.44): "8.4", Rate(0.999): "1.0", Rate(120.4): "120", Rate(math.NaN()): "0", Rate(12345): "12\u2009345",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
