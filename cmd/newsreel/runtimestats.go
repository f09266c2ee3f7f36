package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"time"
)

// runtimeStats is a line of the file that NEWSREEL_RUNTIMESTATS names.
type runtimeStats struct {
	Time time.Time `json:"time"`
	// Goroutines that live, Live is the heap that the last collection found
	// alive, and Mapped all that the Go runtime has of the system, in bytes.
	Goroutines uint64 `json:"goroutines"`
	Live       uint64 `json:"live"`
	Mapped     uint64 `json:"mapped"`
}

// runtimeStatsEvery is the time between two lines.
const runtimeStatsEvery = time.Second

// withRuntimeStats runs f, and writes a line of JSON about the Go runtime now
// and then to the file that NEWSREEL_RUNTIMESTATS names, if it names one: what
// /proc does not tell of a process.
func withRuntimeStats(stderr io.Writer, f func() int) int {
	name := os.Getenv("NEWSREEL_RUNTIMESTATS")
	if name == "" {
		return f()
	}
	file, err := os.Create(name)
	if err != nil {
		fmt.Fprintln(stderr, "newsreel: NEWSREEL_RUNTIMESTATS:", err)
		return f()
	}
	defer file.Close()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		writeRuntimeStats(json.NewEncoder(file), done)
	}()
	code := f()
	close(done)
	<-ended
	return code
}

func writeRuntimeStats(out *json.Encoder, done <-chan struct{}) {
	samples := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}, {Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/total:bytes"}}
	tick := time.NewTicker(runtimeStatsEvery)
	defer tick.Stop()
	for {
		metrics.Read(samples)
		err := out.Encode(runtimeStats{Time: time.Now().UTC(), Goroutines: samples[0].Value.Uint64(),
			Live: samples[1].Value.Uint64(), Mapped: samples[2].Value.Uint64()})
		if err != nil {
			return
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}
