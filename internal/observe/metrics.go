package observe

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is one that a role shows. The list is also in docs/operations.md, held
// to this one by a test.
type Metric struct {
	Name   string
	Help   string
	Labels []string
	Type   prometheus.ValueType
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

var ofRun = []string{"job", "run"}

func andRun(labels ...string) []string { return append(append([]string(nil), ofRun...), labels...) }

// Metrics lists every metric of ours, beside those of the Go runtime (go_…) and
// of the process (process_…).
func Metrics() []Metric {
	return []Metric{
		{"newsreel_info", "1; the labels say what the process is: role, id, version", nil, gauge},
		{"newsreel_nats_connected", "1 while the connection to NATS stands", nil, gauge},
		{"newsreel_nats_reconnects_total", "times that the connection to NATS was made again", nil, counter},
		{"newsreel_s3_reachable", "1 while the S3 store answers", nil, gauge},
		{"newsreel_members", "live processes of a role, as this process sees them", []string{"role"}, gauge},
		{"newsreel_lease_held", "1 while this process's lease holds by its own clock", nil, gauge},
		{"newsreel_runs", "runs that this process works on", nil, gauge},

		{"newsreel_crawler_urls", "the ledger of the partitions held: URLs by fate (captured, failed, skipped, waiting) and reason", andRun("fate", "reason"), gauge},
		{"newsreel_crawler_in_flight", "exchanges that are going on", ofRun, gauge},
		{"newsreel_crawler_exchanges_total", "exchanges made", ofRun, counter},
		{"newsreel_crawler_batches_total", "atomic batches stored", ofRun, counter},
		{"newsreel_crawler_batches_resent_total", "batches sent again, since their answer was lost", ofRun, counter},
		{"newsreel_crawler_batches_fenced_total", "batches of which the server refused a part: another crawler holds the partition", ofRun, counter},
		{"newsreel_crawler_pages_late_total", "pages given up before they were sent, since the partition was lost meanwhile", ofRun, counter},
		{"newsreel_crawler_partitions_moved_total", "partitions taken over (gained), given to a newcomer (released), claimed by another (lost)", andRun("how"), counter},
		{"newsreel_crawler_lapsed_total", "URLs handed out and not fetched, since the lease or the partition was not held any more", ofRun, counter},
		{"newsreel_crawler_limit_hits_total", "times that a protecting limit was hit, by its name", andRun("limit"), counter},
		{"newsreel_crawler_held", "1 while nothing is handed out: a full run log or disk", ofRun, gauge},
		{"newsreel_crawler_frontier_urls", "URLs that the frontier's tables know", ofRun, gauge},
		{"newsreel_crawler_frontier_bytes", "memory that the frontier's tables take", ofRun, gauge},

		{"newsreel_extractor_results_total", "extraction results stored", ofRun, counter},
		{"newsreel_extractor_failed_total", "extraction results stored that say that the page could not be extracted: dead letters", ofRun, counter},

		{"newsreel_archiver_segments_total", "segments committed of the run, by any archiver", ofRun, counter},
		{"newsreel_archiver_captures_total", "captures in committed segments of the run", ofRun, counter},
		{"newsreel_archiver_revisits_total", "revisit records in committed segments of the run", ofRun, counter},
		{"newsreel_archiver_articles_total", "articles in committed segments of the run", ofRun, counter},
		{"newsreel_archiver_dead_letters_total", "captures in committed segments of the run of which the extraction failed", ofRun, counter},
		{"newsreel_archiver_open_captures", "captures in the segment that is being filled", ofRun, gauge},
		{"newsreel_archiver_sealed_segments", "sealed segments that are not committed yet", ofRun, gauge},
		{"newsreel_archiver_awaited_results", "captures whose extraction result has not come", ofRun, gauge},
		{"newsreel_archiver_failing", "1 while something is tried again: see the log for what", ofRun, gauge},
	}
}

func help(name string) string {
	for _, m := range Metrics() {
		if m.Name == name {
			return m.Help
		}
	}
	panic("observe: no metric " + name)
}

// Emit gives the value of a metric, with the values of its labels in order.
type Emit func(name string, value float64, labels ...string)

// collector makes a source's values into metrics at each request.
type collector struct{ source func(Emit) }

// Describe sends nothing: what a source emits depends on the runs that it has.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

func (c *collector) Collect(out chan<- prometheus.Metric) {
	known := map[string]Metric{}
	for _, m := range Metrics() {
		known[m.Name] = m
	}
	c.source(func(name string, value float64, labels ...string) {
		m, ok := known[name]
		if !ok {
			out <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(fmt.Errorf("no metric %s", name)), fmt.Errorf("no metric %s", name))
			return
		}
		desc := prometheus.NewDesc(m.Name, m.Help, m.Labels, nil)
		metric, err := prometheus.NewConstMetric(desc, m.Type, value, labels...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		out <- metric
	})
}
