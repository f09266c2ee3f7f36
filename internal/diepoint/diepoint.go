// Package diepoint names the places in the program at which a process can be
// told to die or to stand still, so that what a crash leaves behind can be
// tried at each of them. A process is told by its environment alone, as it is
// started:
//
//	NEWSREEL_DIE_AT=manifest.put      SIGKILL to itself as it passes the point
//	NEWSREEL_DIE_AT=manifest.put:3    as it passes it the third time
//	NEWSREEL_STOP_AT=publish.before   SIGSTOP to itself; SIGCONT lets it go on
//
// It says so on standard error first. A name that is not in Points ends the
// process at its start with status 2. In a process that is told nothing a point
// costs a comparison with nil.
package diepoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Environment variables that arm a point.
const (
	DieAt  = "NEWSREEL_DIE_AT"
	StopAt = "NEWSREEL_STOP_AT"
)

// armed is what the environment says when the process starts, nil for nothing.
var armed = fromEnvironment(os.Getenv)

// Here is a point.
func Here(name string) {
	if armed != nil {
		armed.pass(name)
	}
}

// Said is how the line begins that a process writes to standard error before it
// dies or stands still; the point's name follows.
const (
	SaidDies  = "newsreel: dies at "
	SaidStops = "newsreel: stands still at "
)

// order is what is to happen at a point.
type order struct {
	name   string
	nth    int64
	passed atomic.Int64
	signal syscall.Signal
	said   string
}

type orders []*order

func (list orders) pass(name string) {
	for _, o := range list {
		if o.name != name || o.passed.Add(1) != o.nth {
			continue
		}
		fmt.Fprintln(os.Stderr, o.said+name)
		_ = syscall.Kill(os.Getpid(), o.signal)
		if o.signal == syscall.SIGKILL {
			select {} // nothing is done behind the point
		}
	}
}

func fromEnvironment(get func(string) string) orders {
	var list orders
	for _, v := range []struct {
		name, said string
		signal     syscall.Signal
	}{{DieAt, SaidDies, syscall.SIGKILL}, {StopAt, SaidStops, syscall.SIGSTOP}} {
		text := get(v.name)
		if text == "" {
			continue
		}
		o, err := parse(text)
		if err != nil {
			fmt.Fprintf(os.Stderr, "newsreel: %s: %v\n", v.name, err)
			os.Exit(2)
		}
		o.signal, o.said = v.signal, v.said
		list = append(list, o)
	}
	return list
}

// parse reads NAME or NAME:N.
func parse(text string) (*order, error) {
	name, count, counted := strings.Cut(text, ":")
	o := &order{name: name, nth: 1}
	if counted {
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q: a number from 1 on follows the colon", text)
		}
		o.nth = n
	}
	for _, p := range Points() {
		if p.Name == name {
			return o, nil
		}
	}
	return nil, fmt.Errorf("no point is named %q", name)
}
