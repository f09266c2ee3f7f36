// Package deploy_test holds the files of deploy/ to what reads them: the
// compose file to the specification's own parser, the NATS settings to the
// server's, the roles' command lines to the program.
package deploy_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"

	"newsreel/internal/gobuild"
	"newsreel/internal/roles"
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
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < roles.StopTime {
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

// TestTheProgramTakesTheRolesCommandLines holds the roles' flags and variables
// in the compose file to the program's own help.
func TestTheProgramTakesTheRolesCommandLines(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "newsreel")
	if err := gobuild.Program(t.Context(), binary, "newsreel/cmd/newsreel"); err != nil {
		t.Fatal(err)
	}
	help := func(args ...string) string {
		out, err := exec.Command(binary, args...).Output()
		if err != nil {
			t.Fatalf("newsreel %v: %v", args, err)
		}
		return string(out)
	}
	cluster := help("help", "cluster")
	p := project(t)
	for _, name := range []string{"crawler", "extractor", "archiver"} {
		s, err := p.GetService(name)
		if err != nil {
			t.Fatal(err)
		}
		known := help(s.Command[0], "--help") + cluster
		for _, arg := range s.Command[1:] {
			if strings.HasPrefix(arg, "--") && !strings.Contains(known, arg+" ") {
				t.Errorf("%s: newsreel %s knows no %s", name, s.Command[0], arg)
			}
		}
		for variable := range s.Environment {
			flag := "--" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(variable, "NEWSREEL_"), "_", "-"))
			if !strings.Contains(known, flag+" ") {
				t.Errorf("%s: %s sets no flag of newsreel %s", name, variable, s.Command[0])
			}
		}
	}
}
