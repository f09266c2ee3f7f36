package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sample is what a process has at one time.
type sample struct {
	// At says when: seconds of a soak, or the number of a cycle.
	At float64
	// Resident is the memory that the system counts for it, Live the heap
	// that the last collection found alive, in bytes.
	Resident, Live int64
	Goroutines     int64
	Threads        int64
	Files          int64
	// Pages is how many pages it was served until then.
	Pages int64
}

// ofProcess fills what /proc tells of a process.
func (s *sample) ofProcess(pid int) error {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return err
	}
	s.Files = int64(len(files))
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return err
	}
	for line := range bytes.Lines(status) {
		name, value, _ := strings.Cut(string(line), ":")
		fields := strings.Fields(value)
		if len(fields) == 0 {
			continue
		}
		n, _ := strconv.ParseInt(fields[0], 10, 64)
		switch name {
		case "VmRSS":
			s.Resident = n << 10
		case "Threads":
			s.Threads = n
		}
	}
	if s.Resident == 0 {
		return fmt.Errorf("%s/status tells no memory", dir)
	}
	return nil
}
