package main

import (
	"fmt"
	"io"
	"os"
	"runtime/pprof"
)

// profiled runs f, and writes a CPU profile of it to the file that
// NEWSREEL_CPUPROFILE names, if it names one.
func profiled(stderr io.Writer, f func() int) int {
	name := os.Getenv("NEWSREEL_CPUPROFILE")
	if name == "" {
		return f()
	}
	file, err := os.Create(name)
	if err == nil {
		defer file.Close()
		err = pprof.StartCPUProfile(file)
		defer pprof.StopCPUProfile()
	}
	if err != nil {
		fmt.Fprintln(stderr, "newsreel: NEWSREEL_CPUPROFILE:", err)
	}
	return f()
}
