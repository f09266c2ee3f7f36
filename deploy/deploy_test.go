// Package deploy_test holds the files of deploy/ to what reads them: the
// compose file to the specification's own parser, the NATS settings to the
// server's, the roles' command lines to the program.
package deploy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"
)

func project(t *testing.T) *types.Project {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithProfiles([]string{"cli"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheComposeFileIsValid(t *testing.T) {
	p := project(t)
	for _, name := range []string{"nats", "s3", "crawler", "extractor", "archiver", "newsreel"} {
		if _, err := p.GetService(name); err != nil {
			t.Errorf("service %s: %v", name, err)
		}
	}
}

func TestRolesInTheComposeFileHaveNoRights(t *testing.T) {
	p := project(t)
	for _, name := range []string{"crawler", "extractor", "archiver", "newsreel"} {
		s, err := p.GetService(name)
		if err != nil {
			t.Fatal(err)
		}
		if !s.ReadOnly || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" || s.Privileged || s.User == "root" {
			t.Errorf("%s: read only %v, dropped %v, privileged %v, user %q", name, s.ReadOnly, s.CapDrop, s.Privileged, s.User)
		}
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < 20*time.Second {
			t.Errorf("%s is given %v to stop", name, s.StopGracePeriod)
		}
	}
}

func TestTheNATSServerTakesItsSettings(t *testing.T) {
	t.Setenv("NATS_PASSWORD", "secret")
	t.Setenv("NATS_NAME", "a")
	for i, host := range []string{"a", "b", "c"} {
		t.Setenv(fmt.Sprintf("NATS_ROUTE_%d", i+1), "nats://"+host+":6222")
	}
	single, err := server.ProcessConfigFile("nats/single.conf")
	if err != nil {
		t.Fatal(err)
	}
	if !single.JetStream || !single.SyncAlways || single.StoreDir != "/data" || single.Users[0].Password != "secret" {
		t.Errorf("single: JetStream %v, sync always %v, store %s", single.JetStream, single.SyncAlways, single.StoreDir)
	}
	cluster, err := server.ProcessConfigFile("nats/cluster.conf")
	if err != nil {
		t.Fatal(err)
	}
	if len(cluster.Routes) != 3 || cluster.Cluster.Name != "newsreel" || !cluster.JetStream {
		t.Errorf("cluster: routes %v, name %q, JetStream %v", cluster.Routes, cluster.Cluster.Name, cluster.JetStream)
	}
}
