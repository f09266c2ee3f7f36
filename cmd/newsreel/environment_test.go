package main

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
)

func TestEachFlagHasAVariable(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	t.Setenv("NEWSREEL_DATA", data)
	wants(t, done(t, "job", "submit", "--name", "morning", "https://www.example.com/"), "morning\n")
	t.Setenv("NEWSREEL_JSON", "true")
	wants(t, done(t, "job", "list"), `"job":"morning"`)
	t.Setenv("NEWSREEL_JSON", "perhaps")
	r := newsreel(t, "job", "list")
	if r.code != exitUsage {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "NEWSREEL_JSON")
}

// A place on the command line beats one of the environment, and there a cluster
// beats a folder, which the container image names always.
func TestOnePlaceIsMeantOfFlagsAndVariables(t *testing.T) {
	const folder, here, cluster = "folder", "here", "nats://127.0.0.1:1"
	for name, c := range map[string]struct {
		environ map[string]string
		flags   []string
		want    string // what the place is called, or "" where it is refused
	}{
		"a folder":                               {map[string]string{"NEWSREEL_DATA": folder}, nil, folder},
		"a cluster by variables, and a folder":   {map[string]string{"NEWSREEL_DATA": folder, "NEWSREEL_NATS": cluster, "NEWSREEL_S3": "http://127.0.0.1:1"}, nil, cluster},
		"a cluster by flags, a folder":           {map[string]string{"NEWSREEL_DATA": folder}, []string{"--nats", cluster, "--s3", "http://127.0.0.1:1"}, cluster},
		"a cluster by one of each, and a folder": {map[string]string{"NEWSREEL_DATA": folder, "NEWSREEL_NATS": cluster}, []string{"--s3", "http://127.0.0.1:1"}, cluster},
		"a folder by flag, a cluster":            {map[string]string{"NEWSREEL_NATS": cluster, "NEWSREEL_S3": "http://127.0.0.1:1"}, []string{"--data", here}, here},
		"a folder by flag, both":                 {map[string]string{"NEWSREEL_DATA": folder, "NEWSREEL_NATS": cluster}, []string{"--data", here}, here},
		"a folder, and a cluster without a name": {map[string]string{"NEWSREEL_DATA": folder, "NEWSREEL_NATS": "", "NEWSREEL_S3": ""}, nil, folder},
		"both by flags":                          {nil, []string{"--data", here, "--nats", cluster, "--s3", "http://127.0.0.1:1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.environ {
				t.Setenv(variable, value)
			}
			var at place
			var err error
			root := rootCommand(nil, io.Discard, io.Discard)
			root.AddCommand(&cobra.Command{Use: "where", RunE: func(cmd *cobra.Command, _ []string) error {
				at, err = placeOf(cmd)
				return nil
			}})
			root.SetArgs(append([]string{"where"}, c.flags...))
			if err := root.Execute(); err != nil {
				t.Fatal(err)
			}
			got := at.dir
			if at.cluster != nil {
				got = at.cluster.NATSAddresses()
			}
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestVariablesOfJobsHoldLists(t *testing.T) {
	t.Setenv("NEWSREEL_EXCLUDE", "/print/\n/amp/")
	t.Setenv("NEWSREEL_RESOLVE", "a.example=192.0.2.1,b.example=192.0.2.2")
	wants(t, done(t, "crawl", "--explain", "https://www.example.com/"), "/print/", "/amp/", "a.example=192.0.2.1", "b.example=192.0.2.2", "NEWSREEL_EXCLUDE")
}
