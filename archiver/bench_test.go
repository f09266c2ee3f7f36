package archiver

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// BenchmarkArchive archives captures of 64 KB (20 KB compressed) from the run
// log into S3, both embedded. cpu-ms/1000 is what archiving takes of this
// process, the servers' part included, for 1,000 captures.
func BenchmarkArchive(b *testing.B) {
	for _, extract := range []bool{false, true} {
		b.Run(fmt.Sprintf("extract=%v", extract), func(b *testing.B) {
			r := newRun(b, fmt.Sprintf("bench%v%d", extract, b.N), 1)
			r.s.ExtractEnabled = extract
			for i := 0; i < b.N; i += 20 {
				var xs []exchange
				for j := i; j < min(i+20, b.N); j++ {
					xs = append(xs, exchange{id: fmt.Sprint("c", j), url: fmt.Sprintf("http://a.example/news/%d", j),
						body: benchPage(j), due: extract})
				}
				r.crawl(xs...)
				for k := range xs {
					xs[k].body = xs[k].body[:5000]
				}
				r.extract(xs...)
			}
			r.end()
			r.put = nil
			runtime.GC()
			before := cpu()
			b.ResetTimer()
			a := New(r.log, shared.store, r.s)
			if err := a.Run(deadline(b)); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(cpu()-before)/1e6/float64(b.N)*1000, "cpu-ms/1000")
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchPage is 64 KB of text that compresses to about 20 KB.
func benchPage(n int) string {
	b := make([]byte, 0, 64<<10)
	state := uint64(n)*2654435761 + 1
	for len(b) < 64<<10 {
		state = state*6364136223846793005 + 1442695040888963407
		b = fmt.Appendf(b, "<p class=\"text\">word%d %x and more of it</p>\n", state>>60, state>>24)
	}
	return string(b[:64<<10])
}
