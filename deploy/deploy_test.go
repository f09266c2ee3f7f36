// Package deploy_test holds the files of deploy/ to what reads them: the
// compose file to the specification's own parser, the NATS settings to the
// server's, the roles' command lines to the program.
package deploy_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/nats-io/nats-server/v2/server"

	"newsreel/internal/gobuild"
	"newsreel/internal/remote"
	"newsreel/internal/roles"
)

// built is a program of this module.
func built(t *testing.T, pkg string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), filepath.Base(pkg))
	if err := gobuild.Program(t.Context(), binary, pkg); err != nil {
		t.Fatal(err)
	}
	return binary
}

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
	for _, name := range []string{"crawler", "extractor", "archiver", "newsreel", "s3"} {
		s, err := p.GetService(name)
		if err != nil {
			t.Fatal(err)
		}
		if !s.ReadOnly || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" || s.Privileged || s.User == "root" {
			t.Errorf("%s: read only %v, dropped %v, privileged %v, user %q", name, s.ReadOnly, s.CapDrop, s.Privileged, s.User)
		}
		if name != "s3" && (s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < roles.StopTime) {
			t.Errorf("%s is given %v to stop", name, s.StopGracePeriod)
		}
	}
}

func TestTheNATSServerTakesItsSettings(t *testing.T) {
	t.Setenv("NATS_PASSWORD", "secret")
	t.Setenv("NATS_NAME", "a")
	t.Setenv("NATS_ROUTE_PASSWORD", "between")
	for i, host := range []string{"a", "b", "c"} {
		t.Setenv(fmt.Sprintf("NATS_ROUTE_%d", i+1), "nats://routes:between@"+host+":6222")
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
	if cluster.Cluster.Username != "routes" || cluster.Cluster.Password != "between" {
		t.Errorf("cluster: anyone may join as a server: user %q", cluster.Cluster.Username)
	}
	if len(cluster.Routes) != 3 || cluster.Cluster.Name != "newsreel" || !cluster.JetStream {
		t.Errorf("cluster: routes %v, name %q, JetStream %v", cluster.Routes, cluster.Cluster.Name, cluster.JetStream)
	}
}

// TestTheHealthCheckAsksWhatTheServerAnswers holds the check's address to the
// monitoring port of the server's settings.
func TestTheHealthCheckAsksWhatTheServerAnswers(t *testing.T) {
	t.Setenv("NATS_PASSWORD", "secret")
	o, err := server.ProcessConfigFile("nats/single.conf")
	if err != nil {
		t.Fatal(err)
	}
	p := project(t)
	s, err := p.GetService("nats")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("http://%s:%d/healthz", o.HTTPHost, o.HTTPPort)
	if s.HealthCheck == nil || !slices.Contains(s.HealthCheck.Test, want) {
		t.Errorf("health check %+v, want %s", s.HealthCheck, want)
	}
	for _, name := range []string{"crawler", "extractor", "archiver"} {
		if role, err := p.GetService(name); err != nil || role.DependsOn["nats"].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s does not wait for a healthy NATS server: %+v, %v", name, role.DependsOn, err)
		}
	}
}

// TestTheProgramTakesTheRolesCommandLines holds the roles' flags and variables
// in the compose file to the program's own help.
func TestTheProgramTakesTheRolesCommandLines(t *testing.T) {
	binary := built(t, "newsreel/cmd/newsreel")
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

// TestTheContainersStart runs the command lines of the compose file with the
// environment of the image and of the compose file together, as an engine
// would, but for what is where: the folders are of the test, and no server is
// at the addresses. A role waits for them, and ends cleanly.
func TestTheContainersStart(t *testing.T) {
	binary := built(t, "newsreel/cmd/newsreel")
	tarFile := filepath.Join(t.TempDir(), "newsreel.tar")
	if out, err := exec.Command(built(t, "newsreel/deploy/image"), "-binary", binary, "-o", tarFile).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	image, err := tarball.ImageFromPath(tarFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, secret := range []string{"nats_password", "s3_secret_key"} {
		if err := os.WriteFile(filepath.Join(root, secret), []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s3 := freeAddress(t)
	here := strings.NewReplacer("/data", filepath.Join(root, "data"), "/run/secrets", root, ":9090", "127.0.0.1:0", ":7070", s3,
		"nats://nats:4222", "nats://127.0.0.1:1", "http://s3:7070", "http://127.0.0.1:1")
	container := func(service string, args ...string) *exec.Cmd {
		s, err := project(t).GetService(service)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, word := range append(s.Command, args...) {
			words = append(words, here.Replace(word))
		}
		cmd := exec.CommandContext(t.Context(), binary, words...)
		cmd.Env = []string{"TMPDIR=" + root}
		for _, pair := range file.Config.Env {
			cmd.Env = append(cmd.Env, here.Replace(pair))
		}
		for variable, value := range s.Environment {
			if value != nil {
				cmd.Env = append(cmd.Env, variable+"="+here.Replace(*value))
			}
		}
		return cmd
	}
	for _, name := range []string{"crawler", "extractor", "archiver"} {
		t.Run(name, func(t *testing.T) { saysAndStops(t, container(name), "waiting for the cluster", func() {}) })
	}
	t.Run("s3", func(t *testing.T) {
		saysAndStops(t, container("s3"), "S3 store over", func() {
			cfg := remote.Config{S3: "http://" + s3, AccessKey: "newsreel", SecretKeyFile: filepath.Join(root, "s3_secret_key")}
			store, err := cfg.OpenStore()
			if err == nil {
				err = store.PutIfAbsent(t.Context(), "staging/a", []byte("kept"), "text/plain")
			}
			if err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("the command line", func(t *testing.T) {
		out, err := container("newsreel", "job", "list").CombinedOutput()
		if !strings.Contains(string(out), "NATS at nats://127.0.0.1:1") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// saysAndStops starts a program, waits until it says that it is where it is to
// be, and stops it after what is to be done then.
func saysAndStops(t *testing.T, cmd *exec.Cmd, what string, then func()) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, there := "", false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said += lines.Text() + "\n"
		if !there && strings.Contains(lines.Text(), what) {
			there = true
			then()
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || !there {
		t.Errorf("%v; it says\n%s", err, said)
	}
}
