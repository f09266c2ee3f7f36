package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"newsreel/internal/embedded"
	"newsreel/internal/progress"
)

// sockets tests that a unix socket can be made and reached: NATS and S3 inside
// the process need two, and no port.
func (d *doctor) sockets() finding {
	const name = "sockets"
	parent, err := os.MkdirTemp("", "newsreel-doctor-")
	if err != nil {
		return problem(name, "set TMPDIR to a folder that can be written to", "%v", err)
	}
	defer os.RemoveAll(parent)
	ln, err := net.Listen("unix", filepath.Join(parent, "s"))
	if err != nil {
		return problem(name, "set TMPDIR to a short path on a local disk", "no unix socket can be made: %v", err)
	}
	defer ln.Close()
	c, err := net.DialTimeout("unix", ln.Addr().String(), time.Second)
	if err != nil {
		return problem(name, "set TMPDIR to a short path on a local disk", "a unix socket cannot be reached: %v", err)
	}
	c.Close()
	dir, _ := filepath.Abs(d.dir)
	if path := filepath.Join(dir, "run", "nats.sock"); len(path) > embedded.MaxSocketPath {
		return noteworthy(name, "", "unix sockets work; the folder's path is too long for them (%d bytes of %d), so they are made in %s",
			len(path), embedded.MaxSocketPath, os.TempDir())
	}
	return fine(name, "unix sockets work; no port is needed")
}

const leastFiles = 1024

func openFiles() finding {
	const name = "open files"
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return noteworthy(name, "", "the limit is not known: %v", err)
	}
	if limit.Cur < leastFiles {
		return problem(name, "ulimit -n 4096", "a process may open %d files at once, which is too few for many hosts", limit.Cur)
	}
	if limit.Cur > math.MaxInt64 {
		return fine(name, "no limit")
	}
	return fine(name, "%s at once", progress.Count(int64(limit.Cur)))
}

const leastMemory = 512 << 20

// memory is what is free, or what the container may take, where that is told.
func memory() finding {
	const name = "memory"
	free, ok := availableMemory()
	if !ok {
		return fine(name, "not told by this system")
	}
	if free < leastMemory {
		return problem(name, "end other programs, or crawl with --concurrency 8", "%s are free, and a crawl takes some hundred MB", progress.Bytes(free))
	}
	return fine(name, "%s free", progress.Bytes(free))
}

// availableMemory is MemAvailable of Linux, and not more than the control
// group's limit.
func availableMemory() (bytes int64, ok bool) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if rest, found := strings.CutPrefix(lines.Text(), "MemAvailable:"); found {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
			bytes, ok = kb<<10, err == nil
		}
	}
	if limit, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if most, err := strconv.ParseInt(strings.TrimSpace(string(limit)), 10, 64); err == nil {
			bytes = min(bytes, most)
		}
	}
	return bytes, ok
}

// resolverConfig tells which name servers are asked; it asks none.
func resolverConfig() finding {
	const name, path = "dns", "/etc/resolv.conf"
	data, err := os.ReadFile(path)
	if err != nil {
		return noteworthy(name, "newsreel doctor --name www.example.com looks a name up", "%v: the system's own resolver is asked", err)
	}
	servers := nameServers(string(data))
	if len(servers) == 0 {
		return noteworthy(name, "newsreel doctor --name www.example.com looks a name up", "%s names no server: one on this machine is asked", path)
	}
	return fine(name, "%s (%s)", strings.Join(servers, ", "), path)
}

func nameServers(conf string) (servers []string) {
	for line := range strings.Lines(conf) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" {
			servers = append(servers, f[1])
		}
	}
	return servers
}

const lookupWait = 5 * time.Second

func (d *doctor) lookUpName(ctx context.Context, host string) finding {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	addrs, err := d.resolver.LookupHost(ctx, host)
	if err != nil {
		return problem("dns", "look at /etc/resolv.conf, or crawl with --resolve "+shellWord(host)+"=ADDRESS or through a --proxy", "%v", err)
	}
	return fine("dns", "%s is %s", host, strings.Join(addrs, ", "))
}

// variables are the names of the environment's variables that want picks.
func (d *doctor) variables(want func(name string) bool) (names []string) {
	for _, v := range d.environ {
		name, value, _ := strings.Cut(v, "=")
		if value != "" && want(name) {
			names = append(names, name)
		}
	}
	return names
}

func (d *doctor) proxies() finding {
	set := d.variables(func(name string) bool {
		switch strings.ToUpper(name) {
		case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY":
			return true
		}
		return false
	})
	if len(set) == 0 {
		return fine("proxy", "none in the environment")
	}
	return noteworthy("proxy", fmt.Sprintf(`newsreel crawl --proxy "$%s" …`, set[0]),
		"%s set, which newsreel does not go by: a proxy is named with --proxy", isOrAre(set))
}

func (d *doctor) colly() finding {
	set := d.variables(func(name string) bool { return strings.HasPrefix(name, "COLLY_") })
	if len(set) == 0 {
		return fine("colly", "no COLLY_ variable in the environment")
	}
	return noteworthy("colly", "unset "+strings.Join(set, " "), "%s set; newsreel's own settings hold, whatever they say", isOrAre(set))
}

func (d *doctor) ownVariables() finding {
	set := d.variables(func(name string) bool { return strings.HasPrefix(name, "NEWSREEL_") })
	if len(set) == 0 {
		return fine("environment", "no NEWSREEL_ variable in it")
	}
	return fine("environment", "%s set, and count as flags", isOrAre(set))
}

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}
