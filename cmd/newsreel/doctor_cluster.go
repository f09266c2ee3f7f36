package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/objstore"
	"newsreel/internal/progress"
	"newsreel/internal/remote"
	"newsreel/job"
	"newsreel/stream"
)

// clusterTime bounds one question to a cluster.
const clusterTime = 10 * time.Second

// examineCluster looks at the servers of a cluster in place of a data folder.
func (d *doctor) examineCluster(ctx context.Context) []finding {
	list := d.nats(ctx)
	list = append(list, d.s3(ctx)...)
	list = append(list, openFiles(), memory(), resolverConfig())
	for _, name := range d.names {
		list = append(list, d.lookUpName(ctx, name))
	}
	return append(list, d.proxies(), d.colly(), d.ownVariables())
}

// parted parts an error of package remote: what failed, and its cure.
func parted(err error) (what, cure string) {
	text := err.Error()
	for i := range len(text) {
		if text[i] == '\n' {
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

func failed(name string, err error) finding {
	what, cure := parted(err)
	return problem(name, cure, "%s", what)
}

func (d *doctor) nats(ctx context.Context) []finding {
	nc, err := d.cluster.Dial()
	if err != nil {
		return []finding{failed("NATS", err)}
	}
	defer nc.Close()
	rtt, err := nc.RTT()
	if err != nil {
		return []finding{failed("NATS", err)}
	}
	name := "a single server"
	if cluster := nc.ConnectedClusterName(); cluster != "" {
		name = "cluster " + cluster
	}
	list := []finding{fine("NATS", "%s, version %s, answers in %s", name, nc.ConnectedServerVersion(), rtt.Round(10*time.Microsecond))}
	js, err := jetstream.New(nc)
	if err != nil {
		return append(list, failed("JetStream", err))
	}
	try, cancel := context.WithTimeout(ctx, clusterTime)
	defer cancel()
	account, err := js.AccountInfo(try)
	if err != nil {
		return append(list, problem("JetStream", "switch it on in the servers' configuration (jetstream { store_dir: … }); of a cluster most servers must run; if the disk of one is full, free it and restart that server", "%v", err))
	}
	limit := "no limit for the account"
	if account.Limits.MaxStore > 0 {
		limit = "at most " + progress.Bytes(account.Limits.MaxStore) + " for the account"
	}
	list = append(list, fine("JetStream", "%s stored, %s", progress.Bytes(int64(account.Store)), limit))
	list = append(list, d.replicas(nc, d.copies(ctx, nc))...)
	return append(list, d.lives(try, nc)...)
}

// copies looks how the streams are kept; what does not answer is said of them.
func (d *doctor) copies(ctx context.Context, nc *nats.Conn) (list []stream.Copies) {
	ctx, cancel := context.WithTimeout(ctx, clusterTime)
	defer cancel()
	list, err := stream.AllCopies(ctx, nc, job.Stream)
	if err != nil {
		return []stream.Copies{{Stream: "the list of streams", Err: err}}
	}
	return list
}

// replicas says how often what is stored is kept, and what is wrong with that
// now.
func (d *doctor) replicas(nc *nats.Conn, copies []stream.Copies) []finding {
	if list := troubles(copies); len(list) > 0 {
		return list
	}
	const name = "replicas"
	servers := remote.Servers(nc)
	switch {
	case d.cluster.Replicas > servers:
		return []finding{problem(name, "name the other servers in --nats, or ask for fewer with --replicas", "%d are asked for, and %s known", d.cluster.Replicas, countOf(int64(servers), "server is", "servers are"))}
	case d.cluster.Replicas > 0:
		return []finding{fine(name, "%d of each stream, as --replicas asks, on %s", d.cluster.Replicas, countOf(int64(servers), "server", "servers"))}
	case servers >= 3 && nc.ConnectedClusterName() != "":
		return []finding{fine(name, "3 of each stream, on %d servers, none of them behind: one may be lost at a time", servers)}
	}
	return []finding{noteworthy(name, "three servers in a cluster keep each stream three times; one alone needs sync_interval: always",
		"1 of each stream: what is not archived yet is lost with the server's disk")}
}

// troubles names the servers that are behind, with the streams of which they
// have no copy that counts, and the streams that take nothing.
func troubles(copies []stream.Copies) (list []finding) {
	behind, dead := map[string][]string{}, []stream.Copies{}
	for _, c := range copies {
		for _, server := range c.Behind {
			behind[server] = append(behind[server], c.Stream)
		}
		if c.Err != nil {
			dead = append(dead, c)
		}
	}
	for _, server := range slices.Sorted(maps.Keys(behind)) {
		list = append(list, problem("replicas", "see that it runs; if its disk is full, free it and restart that server",
			"server %s is away or behind with %s: until it has caught up no other may be lost", server, someOf(behind[server])))
	}
	if len(dead) > 0 {
		var names []string
		for _, c := range dead {
			names = append(names, c.Stream)
		}
		list = append(list, problem("streams", "is the disk of a NATS server full? Free it and restart that server",
			"%s: no messages are taken (%v)", someOf(names), dead[0].Err))
	}
	return list
}

// someOf lists the first of many names.
func someOf(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// lives says which roles live, and compares the servers' clock with ours.
func (d *doctor) lives(ctx context.Context, nc *nats.Conn) []finding {
	leases, err := stream.OpenLeases(ctx, nc, 1)
	if err != nil {
		return []finding{failed("roles", err)}
	}
	text := ""
	for _, role := range []string{stream.RoleCrawler, stream.RoleExtractor, stream.RoleArchiver} {
		live, err := leases.Live(ctx, role)
		if err != nil {
			return []finding{failed("roles", err)}
		}
		if text != "" {
			text += ", "
		}
		text += countOf(int64(len(live)), role, role+"s")
	}
	list := []finding{fine("roles", "%s alive", text)}
	if skew := leases.ServerTime().Sub(time.Now()).Abs(); skew > clockSlack {
		return append(list, noteworthy("NATS clock", "timedatectl set-ntp true, here and there", "the servers' clock is %s off ours", progress.Duration(skew)))
	}
	return append(list, fine("NATS clock", "as ours"))
}

func (d *doctor) s3(ctx context.Context) []finding {
	store, err := d.cluster.OpenStore()
	if err != nil {
		return []finding{failed("S3", err)}
	}
	defer store.Close()
	ctx, cancel := context.WithTimeout(ctx, clusterTime)
	defer cancel()
	key := stream.StagedKey("doctor", "test", rand.Text()[:12])
	started := time.Now()
	err = store.PutIfAbsent(ctx, key, []byte("test\n"), "text/plain")
	took := time.Since(started)
	switch {
	case errors.Is(err, objstore.ErrNotFound):
		return []finding{noteworthy("S3", "make it, if our keys may not", "%s answers; bucket %s is not there yet, and the first role makes it", d.cluster.S3Address(), store.Bucket())}
	case err != nil:
		return []finding{failed("S3", d.cluster.S3Error(err))}
	}
	defer store.Delete(context.WithoutCancel(ctx), key)
	list := []finding{fine("S3", "bucket %s at %s takes an object in %s", store.Bucket(), d.cluster.S3Address(), took.Round(100*time.Microsecond))}
	list = append(list, d.conditional(ctx, store, key))
	stat, err := store.Stat(ctx, key)
	if err != nil {
		return append(list, failed("S3 clock", err))
	}
	// It is told in whole seconds.
	if skew := stat.Modified.Sub(started).Abs(); skew > clockSlack {
		return append(list, problem("S3 clock", "timedatectl set-ntp true, here and there: requests are refused when clocks differ by minutes",
			"the store's clock is %s off ours", progress.Duration(skew)))
	}
	return append(list, fine("S3 clock", "as ours"))
}

// conditional holds that an object is not put a second time: a segment is
// committed by it.
func (d *doctor) conditional(ctx context.Context, store *objstore.Store, key string) finding {
	const name, cure = "conditional", "use a store that honours If-None-Match: * on PutObject (AWS S3, MinIO, Ceph since Reef, versitygw, …)"
	err := store.PutIfAbsent(ctx, key, []byte("test again\n"), "text/plain")
	switch {
	case errors.Is(err, objstore.ErrExists):
		return fine(name, "the store refuses to replace an object that is there, as commits need")
	case err == nil:
		return problem(name, cure, "the store replaced an object that was there: two archivers could commit the same segment")
	}
	return problem(name, cure, "%v", fmt.Errorf("the store answers otherwise than it should: %w", err))
}
