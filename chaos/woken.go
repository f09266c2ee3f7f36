package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"newsreel/chaos/world"
)

// woken is what crawlers did that had been frozen past their lease and woke.
type woken struct {
	// Lost are partitions that they found claimed by another, Late pages that
	// they gave up before they were sent, Fenced batches that the server refused,
	// Lapsed URLs that they had been handed and did not fetch any more: by their
	// metrics, from before the frost to some seconds after it.
	Lost, Late, Fenced, Lapsed int
	// Fetches are requests within waking of a thaw for what had been asked for.
	Fetches int
}

// waking is how long after its thaw a crawler counts as one that wakes.
const waking = 5 * time.Second

// counters are those metrics of a crawler that tell what it did with what is not
// its own.
type counters struct{ lost, late, fenced, lapsed float64 }

var healthAddress = regexp.MustCompile(`"health and metrics" address=(\S+)`)

// counters asks a crawler.
func (m *member) counters() (c counters, err error) {
	address := healthAddress.FindStringSubmatch(m.Log(1 << 20))
	if address == nil {
		return c, errors.New(m.Name + " does not say where its metrics are")
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + address[1] + "/metrics")
	if err != nil {
		return c, fmt.Errorf("metrics of %s: %w", m.Name, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		metric, labels, _ := strings.Cut(name, "{")
		switch {
		case metric == "newsreel_crawler_partitions_moved_total" && strings.Contains(labels, `how="lost"`):
			c.lost += n
		case metric == "newsreel_crawler_pages_late_total":
			c.late += n
		case metric == "newsreel_crawler_batches_fenced_total":
			c.fenced += n
		case metric == "newsreel_crawler_lapsed_total":
			c.lapsed += n
		}
	}
	return c, lines.Err()
}

// thaw lets a frozen crawler go on, and counts what it did with what was not
// its own any more.
func (t *trial) thaw(c *member, before counters, w *woken) error {
	at := t.world.Now()
	_ = c.Thaw()
	t.h.wait(waking)
	after, err := c.counters()
	if err != nil {
		return err
	}
	w.Lost += int(after.lost - before.lost)
	w.Late += int(after.late - before.late)
	w.Fenced += int(after.fenced - before.fenced)
	w.Lapsed += int(after.lapsed - before.lapsed)
	asked := map[string]bool{}
	for _, r := range t.world.Log() {
		if asked[r.URL] && !world.Patient(r.URL) && r.Begun >= at && r.Begun < at+waking {
			w.Fetches++
		}
		asked[r.URL] = true
	}
	return nil
}
