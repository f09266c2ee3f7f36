// Package cluster starts a whole newsreel cluster of real processes on this
// machine: NATS servers, an S3 server, and newsreel's roles. Each can be
// stopped, killed, frozen and started again. It is for tests, measurements and
// `make cluster`.
package cluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"newsreel/internal/remote"
)

// Config says what a cluster is made of.
type Config struct {
	// Dir is an existing folder: everything that is stored lies there, and the
	// log of each process.
	Dir string
	// Programs as Build made them. S3Command replaces the S3 server, where it
	// is set: a program and its arguments, in which %ROOT% and %LISTEN% stand
	// for a folder and an address.
	Programs  Programs
	S3Command []string
	// NATSServers is 1 (the default) or 3, and more.
	NATSServers int
	// MaxStore is what each NATS server stores at most; 0: 8 GB.
	MaxStore int64
	// NoSync leaves out sync_interval: always, which keeps what is acknowledged
	// over a power cut of all servers at once.
	NoSync bool
	// Advertise is the host that NATS servers tell their clients of, "" for
	// their own. One where nobody listens keeps clients to the addresses that
	// they were given, which may be those of proxies.
	Advertise string
	// Env is added to the environment of the roles: NAME=VALUE.
	Env []string
	// Args are added to the command line of each role.
	Args []string
}

// Cluster is what runs. Stop ends it.
type Cluster struct {
	Config
	// NATS are the servers, S3 the store's.
	NATS []*Process
	S3   *Process

	natsURLs  []string
	monitors  []string
	s3URL     string
	accessKey string
	secretKey string

	mu    sync.Mutex
	roles []*Process
	kinds map[string]int
}

// Start starts the servers, and waits until they serve. Roles are started with
// Role.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.NATSServers == 0 {
		cfg.NATSServers = 1
	}
	if cfg.MaxStore == 0 {
		cfg.MaxStore = 8 << 30
	}
	c := &Cluster{Config: cfg, accessKey: "newsreel", secretKey: rand.Text(), kinds: map[string]int{}}
	ports, err := freePorts(3*cfg.NATSServers + 1)
	if err != nil {
		return nil, err
	}
	if err := c.startServers(ports); err != nil {
		c.Kill()
		return nil, err
	}
	if err := c.Ready(ctx); err != nil {
		c.Kill()
		return nil, fmt.Errorf("cluster: %w\n%s", err, c.logs())
	}
	return c, nil
}

func (c *Cluster) startServers(ports []int) error {
	n := c.NATSServers
	var routes []string
	for i := range n {
		c.natsURLs = append(c.natsURLs, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
		routes = append(routes, fmt.Sprintf("nats-route://127.0.0.1:%d", ports[n+i]))
	}
	for i := range n {
		name := fmt.Sprintf("nats-%d", i)
		c.monitors = append(c.monitors, fmt.Sprintf("http://127.0.0.1:%d", ports[2*n+1+i]))
		path, err := c.natsConfig(name, ports[i], ports[n+i], ports[2*n+1+i], routes)
		if err != nil {
			return err
		}
		c.NATS = append(c.NATS, newProcess(c.Dir, name, c.Programs.NATS, os.Environ(), func(int) []string { return []string{"-c", path} }))
	}
	listen := fmt.Sprintf("127.0.0.1:%d", ports[2*n])
	c.s3URL = "http://" + listen
	c.S3 = c.s3Process(listen)
	for _, p := range append(c.NATS, c.S3) {
		if err := p.Start(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) natsConfig(name string, port, routePort, monitorPort int, routes []string) (string, error) {
	sync := "always"
	if c.NoSync {
		sync = "2m"
	}
	text := fmt.Sprintf("server_name: %s\nlisten: 127.0.0.1:%d\nhttp: 127.0.0.1:%d\njetstream {\n store_dir: %s\n max_file_store: %d\n max_memory_store: 64MB\n sync_interval: %s\n}\n",
		name, port, monitorPort, quote(filepath.Join(c.Dir, name)), c.MaxStore, sync)
	if c.Advertise != "" {
		text += fmt.Sprintf("client_advertise: \"%s:%d\"\n", c.Advertise, port)
	}
	if c.NATSServers > 1 {
		text += fmt.Sprintf("cluster {\n name: newsreel\n listen: 127.0.0.1:%d\n routes: [%s]\n}\n", routePort, strings.Join(routes, ", "))
	}
	path := filepath.Join(c.Dir, name+".conf")
	return path, os.WriteFile(path, []byte(text), 0o600)
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

func (c *Cluster) s3Process(listen string) *Process {
	root := filepath.Join(c.Dir, "s3")
	env := append(os.Environ(), "AWS_ACCESS_KEY_ID="+c.accessKey, "AWS_SECRET_ACCESS_KEY="+c.secretKey,
		"MINIO_ROOT_USER="+c.accessKey, "MINIO_ROOT_PASSWORD="+c.secretKey)
	path, args := c.Programs.S3, []string{"-root", root, "-listen", listen}
	if len(c.S3Command) > 0 {
		path, args = c.S3Command[0], nil
		for _, arg := range c.S3Command[1:] {
			args = append(args, strings.NewReplacer("%ROOT%", root, "%LISTEN%", listen).Replace(arg))
		}
	}
	return newProcess(c.Dir, "s3", path, env, func(int) []string { return args })
}

// Ready waits until the servers that are meant to run serve: streams with as
// many replicas as there are servers, up to three, and the bucket.
func (c *Cluster) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.serves(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

func (c *Cluster) serves(ctx context.Context) error {
	for _, p := range append(c.NATS, c.S3) {
		if !p.Running() {
			return fmt.Errorf("%s has ended", p.Name)
		}
	}
	cfg, err := c.Remote()
	if err != nil {
		return err
	}
	for _, url := range c.natsURLs { // each of them
		one := *cfg
		one.NATS = []string{url}
		nc, err := one.Dial()
		if err != nil {
			return err
		}
		known := remote.Servers(nc)
		nc.Close()
		if known < c.NATSServers {
			return errors.New("the NATS servers do not know each other yet")
		}
	}
	s, err := cfg.Open(ctx)
	if err != nil {
		return err
	}
	return s.Close()
}

// Remote is how to reach the servers from this process. The secret key lies in
// a file of the cluster's folder.
func (c *Cluster) Remote() (*remote.Config, error) {
	path := filepath.Join(c.Dir, "secret-key")
	if err := os.WriteFile(path, []byte(c.secretKey+"\n"), 0o600); err != nil {
		return nil, err
	}
	return &remote.Config{NATS: c.natsURLs, S3: c.s3URL, AccessKey: c.accessKey, SecretKeyFile: path, Name: "cluster"}, nil
}

// S3URL is the store's address, Monitors those of the NATS servers' own pages
// (/varz and others).
func (c *Cluster) S3URL() string      { return c.s3URL }
func (c *Cluster) Monitors() []string { return c.monitors }

// Environ is the environment of a command that works on the cluster: NEWSREEL_NATS,
// NEWSREEL_S3 and the keys, and nothing else that would change what it does.
func (c *Cluster) Environ() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NEWSREEL_") && !strings.HasPrefix(v, "COLLY_") && !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	env = append(env, "NEWSREEL_NATS="+strings.Join(c.natsURLs, ","), "NEWSREEL_S3="+c.s3URL,
		"AWS_ACCESS_KEY_ID="+c.accessKey, "AWS_SECRET_ACCESS_KEY="+c.secretKey)
	return append(env, c.Config.Env...)
}

// Role starts one more process of a role: crawler, extractor or archiver. The
// id of its first start is its name, crawler-0 and so on; later starts have
// another, since no id is used again.
func (c *Cluster) Role(kind string, args ...string) (*Process, error) {
	return c.RoleEnv(kind, nil, args...)
}

// RoleEnv is Role with more in the environment of all its starts: NAME=VALUE.
func (c *Cluster) RoleEnv(kind string, env []string, args ...string) (*Process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := fmt.Sprintf("%s-%d", kind, c.kinds[kind])
	c.kinds[kind]++
	spool := filepath.Join(c.Dir, name)
	p := newProcess(c.Dir, name, c.Programs.Newsreel, append(c.Environ(), env...), func(start int) []string {
		id := name
		if start > 0 {
			id = fmt.Sprintf("%s-start-%d", name, start)
		}
		return append(append([]string{kind, "--id", id, "--spool", spool}, c.Args...), args...)
	})
	if err := p.Start(); err != nil {
		return nil, err
	}
	c.roles = append(c.roles, p)
	return p, nil
}

// Roles are the processes that Role started.
func (c *Cluster) Roles() []*Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Process(nil), c.roles...)
}

// Newsreel runs a command of newsreel on the cluster to its end, and returns
// what it printed. An exit code other than 0 is an error, a *exec.ExitError.
func (c *Cluster) Newsreel(ctx context.Context, args ...string) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, c.Programs.Newsreel, args...)
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &messages, c.Environ()
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("newsreel %s: %w\n%s", strings.Join(args, " "), err, messages.Bytes())
	}
	return out.String(), nil
}

// Stop ends roles and servers, in this order, cleanly.
func (c *Cluster) Stop(ctx context.Context) error {
	roles := c.Roles()
	errs := make([]error, len(roles))
	var wg sync.WaitGroup
	for i, p := range roles {
		wg.Go(func() { errs[i] = p.Stop(ctx) })
	}
	wg.Wait()
	for _, p := range append([]*Process{c.S3}, c.NATS...) {
		errs = append(errs, p.Stop(ctx))
	}
	return errors.Join(errs...)
}

// Kill ends everything at once.
func (c *Cluster) Kill() {
	for _, p := range append(append(c.Roles(), c.NATS...), c.S3) {
		if p != nil {
			p.Kill()
		}
	}
}

func (c *Cluster) logs() string {
	var b strings.Builder
	for _, p := range append(append([]*Process(nil), c.NATS...), c.S3) {
		fmt.Fprintf(&b, "log of %s:\n%s\n", p.Name, p.Log(2000))
	}
	return b.String()
}

// freePorts returns ports of the loopback that nobody listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
