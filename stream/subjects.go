// Package stream is the run log: one JetStream stream per run of a job, which
// is the truth while the run goes on. It holds the subjects, the messages and
// their forms, atomic batches, leases, claims and fences, and retention. What
// each message looks like is also in docs/formats.md, held to this package by
// a test.
//
// The subjects of a run, after "J_<job>_<run>.", with their two ends:
//
//	own.P   the crawler that claims P  ->  crawlers, fences       the claim; its sequence is the epoch
//	in.P    any crawler                ->  P's owner              discoveries for P
//	log.P   P's owner                  ->  crawlers, archiver     discoveries, outcomes, retries, robots, snapshots, idle marks
//	cap.P   P's owner                  ->  extractors, archiver   captures
//	art.P   extractors                 ->  archiver               extraction results
//	ctl     command line, crawlers     ->  crawlers, archiver     pause, limits, cancel, seeds, close, end
package stream

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// Partitions is how many partitions the hosts of a run are spread over. It is
// a subject token only, the same embedded and clustered, and part of the
// stored format: a registrable domain always falls into the same partition.
const Partitions = 64

// Subject classes of a run log.
const (
	ClassOwn     = "own"
	ClassIn      = "in"
	ClassLog     = "log"
	ClassCapture = "cap"
	ClassResult  = "art"
	ClassControl = "ctl"
)

const streamPrefix = "J_"

// StreamName is the name of the run log of a job's run.
func StreamName(job string, run int) string { return streamPrefix + job + "_" + strconv.Itoa(run) }

// Subject is the subject of one class and partition in a run log.
func Subject(streamName, class string, partition int) string {
	return streamName + "." + class + "." + strconv.Itoa(partition)
}

// ControlSubject is the one subject of a run log without a partition.
func ControlSubject(streamName string) string { return streamName + "." + ClassControl }

// ClassFilter matches every partition of a class.
func ClassFilter(streamName, class string) string {
	if class == ClassControl {
		return ControlSubject(streamName)
	}
	return streamName + "." + class + ".*"
}

// SplitSubject parses a subject of a run log. The partition of ctl is -1.
func SplitSubject(subject string) (class string, partition int, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) == 2 && parts[1] == ClassControl {
		return ClassControl, -1, nil
	}
	if len(parts) == 3 {
		if p, err := strconv.Atoi(parts[2]); err == nil && p >= 0 && p < Partitions {
			return parts[1], p, nil
		}
	}
	return "", 0, fmt.Errorf("subject %q: not of a run log", subject)
}

// PartitionOf is the partition of a registrable domain (or of an IP address
// or a single label, which is a domain of its own).
func PartitionOf(domain string) int {
	h := fnv.New32a()
	h.Write([]byte(domain))
	return int(h.Sum32() % Partitions)
}
