package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// row is one line of the table: a fault and what it did.
type row struct {
	Mode  string `json:"mode"`
	Fault string `json:"fault"`
	// Trials are crawls that were disturbed, Injected how often.
	Trials   int `json:"trials"`
	Injected int `json:"injected"`
	// Points are the named points at which it struck.
	Points int `json:"points"`
	// Lost counts URLs, articles and facts that an undisturbed crawl has and
	// a disturbed one has not or has otherwise; Twice what is stored twice;
	// Torn what does not verify; Orphans objects that nothing names after a
	// sweep; Refetched requests for what had been asked for already, Uncaused
	// those of them that no fault explains.
	Lost      int `json:"lost"`
	Twice     int `json:"twice"`
	Torn      int `json:"torn"`
	Orphans   int `json:"orphans"`
	Refetched int `json:"refetched"`
	Uncaused  int `json:"twice_fetched_without_cause"`
	// Close counts requests that came too soon after the one before, or while it
	// was answered; Gap is the shortest time between two starts at a host, in
	// milliseconds. Clusters are held to it, and every third crawl of one process.
	Close int     `json:"too_close"`
	Gap   float64 `json:"gap_ms,omitempty"`
	// Looks are ledgers that were looked at, Open those that did not close.
	Looks int `json:"looks"`
	Open  int `json:"open"`
	// GaveUp counts crawls that ended with an error and words, and went on when
	// they were started again.
	GaveUp int `json:"gave_up"`
	// Failed are trials in which anything was not as promised.
	Failed int `json:"failed"`

	mu     sync.Mutex
	points map[string]bool
}

// row begins a line of the table.
func (h *harness) row(mode, fault string) *row {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &row{Mode: mode, Fault: fault, points: map[string]bool{}}
	h.rows = append(h.rows, r)
	return r
}

func (r *row) injected(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Injected += n
}

func (r *row) gaveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.GaveUp++
}

func (r *row) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Close++
}

func (r *row) gap(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ms := d.Seconds() * 1000; r.Gap == 0 || ms < r.Gap {
		r.Gap = ms
	}
}

func (r *row) faults() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Injected
}

// hit notes a named point at which the fault struck.
func (r *row) hit(point string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.points[point] = true
	r.Points = len(r.points)
}

// unhit are those of some points at which the fault did not strike.
func (r *row) unhit(names []string) (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		if !r.points[name] && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func (r *row) add(t *trial, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Trials++
	r.Lost += v.lost
	r.Twice += v.twice
	r.Torn += v.torn
	r.Orphans += v.orphans
	r.Refetched += v.refetched
	r.Uncaused += v.uncaused
	r.Looks += t.looks
	r.Open += t.open
	if len(t.failed) > 0 {
		r.Failed++
	}
}

// table is what the harness has to say in the end.
type table struct {
	Seed  uint64 `json:"seed"`
	Clean bool   `json:"clean"`
	Rows  []*row `json:"rows"`
	// Kept are the folders of trials that failed, Broken what was to be tried and
	// was not, Missing what cannot be tried on this machine.
	Kept    []string `json:"kept,omitempty"`
	Broken  []string `json:"broken,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

func (h *harness) table() *table {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := &table{Seed: h.o.seed, Rows: h.rows, Kept: h.kept, Broken: h.broken, Missing: h.missing, Clean: len(h.broken) == 0}
	for _, r := range h.rows {
		t.Clean = t.Clean && r.Failed == 0
	}
	return t
}

func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "fault\tcrawls\tinjected\tpoints\tlost\ttwice\ttorn\torphans\trefetched\twithout cause\ttoo close\tledgers\topen\tgave up\tfailed\t")
	for _, r := range t.Rows {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", r.Fault, r.Trials, r.Injected, r.Points,
			r.Lost, r.Twice, r.Torn, r.Orphans, r.Refetched, r.Uncaused, r.Close, r.Looks, r.Open, r.GaveUp, r.Failed)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, text := range t.Broken {
		fmt.Fprintln(w, "NOT DONE:", text)
	}
	for _, text := range t.Missing {
		fmt.Fprintln(w, "NOT TRIED:", text)
	}
	verdict := "nothing lost, nothing twice"
	if !t.Clean {
		verdict = "NOT as promised: see above; the folders of the trials are kept"
	}
	_, err := fmt.Fprintf(w, "seed %d: %s\n", t.Seed, verdict)
	return err
}
