package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Report is all that was measured.
type Report struct {
	Machine string     `json:"machine"`
	Hosts   int        `json:"hosts"`
	Pages   int        `json:"pages_per_host"`
	Bytes   [2]int     `json:"page_bytes"`
	Rounds  int        `json:"rounds"`
	All     []Measured `json:"measured"`
	Rows    []Row      `json:"rows"`
	// FrontierBytes is the memory of a known URL.
	FrontierBytes float64 `json:"frontier_bytes_per_url,omitempty"`
}

// Row is a subject over all rounds: medians, but the worst of what must not
// happen.
type Row struct {
	Subject string `json:"subject"`
	// CPU is in seconds for 1,000 pages; Least and Most are its extremes.
	CPU   float64 `json:"cpu_s_per_1000"`
	Least float64 `json:"cpu_s_per_1000_least"`
	Most  float64 `json:"cpu_s_per_1000_most"`
	// Floor is CPU as a multiple of the floor's in the same round.
	Floor     float64 `json:"floors,omitempty"`
	PerSecond float64 `json:"pages_per_s"`
	PeakMB    float64 `json:"peak_mb"`
	DiskKB    float64 `json:"disk_kb_per_page"`
	ArchiveKB float64 `json:"archive_kb_per_page,omitempty"`
	PerURL    float64 `json:"requests_per_url"`
	Twice     int     `json:"urls_fetched_twice"`
	All       bool    `json:"all_pages"`
}

func (r *Report) add(m Measured) { r.All = append(r.All, m) }

// finish makes the rows.
func (r *Report) finish() {
	floors := r.of("floor")
	for i := range r.All {
		name := r.All[i].Subject
		if slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Subject == name }) {
			continue
		}
		r.Rows = append(r.Rows, row(name, r.of(name), floors))
	}
}

func (r *Report) of(subject string) (list []Measured) {
	for _, m := range r.All {
		if m.Subject == subject {
			list = append(list, m)
		}
	}
	return list
}

func row(subject string, rounds, floors []Measured) Row {
	per := func(f func(Measured) float64) float64 {
		var values []float64
		for _, m := range rounds {
			values = append(values, f(m)/float64(max(m.Pages, 1)))
		}
		return median(values)
	}
	cpu := func(m Measured) float64 { return 1000 * m.CPU / float64(max(m.Pages, 1)) }
	out := Row{Subject: subject, All: true,
		CPU:       1000 * per(func(m Measured) float64 { return m.CPU }),
		PerSecond: 1 / max(per(func(m Measured) float64 { return m.Wall }), 1e-9),
		DiskKB:    per(func(m Measured) float64 { return float64(m.Disk) }) / 1000,
		ArchiveKB: per(func(m Measured) float64 { return float64(m.Archive) }) / 1000,
		PerURL:    per(func(m Measured) float64 { return float64(m.Requests) }),
	}
	out.Least, out.Most = cpu(rounds[0]), cpu(rounds[0])
	var ratios []float64
	for i, m := range rounds {
		out.Least, out.Most = min(out.Least, cpu(m)), max(out.Most, cpu(m))
		out.PeakMB = max(out.PeakMB, m.PeakMB)
		out.Twice = max(out.Twice, m.Twice)
		out.All = out.All && m.All
		if i < len(floors) {
			ratios = append(ratios, cpu(m)/cpu(floors[i]))
		}
	}
	if len(ratios) > 0 {
		out.Floor = median(ratios)
	}
	return out
}

func median(v []float64) float64 {
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func (r *Report) print(out io.Writer) {
	fmt.Fprintf(out, "%d hosts x %d article pages of %d to %d bytes, %d rounds by turns\n%s\n\n",
		r.Hosts, r.Pages, r.Bytes[0], r.Bytes[1], r.Rounds, r.Machine)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tCPU s/1000\tleast-most\tx floor\tpages/s\tpeak MB\tdisk KB/page\trequests/URL\ttwice\tall pages\t")
	for _, row := range r.Rows {
		floor := "-"
		if row.Floor > 0 {
			floor = fmt.Sprintf("%.2f", row.Floor)
		}
		all := "yes"
		if !row.All {
			all = "NO"
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f-%.2f\t%s\t%.0f\t%.0f\t%.1f\t%.3f\t%d\t%s\t\n", row.Subject, row.CPU, row.Least, row.Most,
			floor, row.PerSecond, row.PeakMB, row.DiskKB, row.PerURL, row.Twice, all)
	}
	w.Flush()
	fmt.Fprintln(out)
	for _, row := range r.Rows {
		if row.ArchiveKB > 0 {
			fmt.Fprintf(out, "%s: %.1f of %.1f KB a page are the archive, the rest is the run log's and the folder's\n", row.Subject, row.ArchiveKB, row.DiskKB)
		}
	}
	if r.FrontierBytes > 0 {
		fmt.Fprintf(out, "frontier: %.0f bytes of memory for a known URL, of a million\n", r.FrontierBytes)
	}
}
