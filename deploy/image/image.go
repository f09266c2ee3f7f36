package main

import (
	"archive/tar"
	"bytes"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// The user that the program runs as, and the folder that it may write to.
const (
	userID   = 65532
	user     = "65532:65532"
	dataDir  = "/data"
	spoolDir = "/tmp"
)

// epoch is the time of everything in the image: the same source is to give the
// same bytes on any day.
var epoch = time.Unix(0, 0).UTC()

// Image returns an image that holds a static program, a data folder and a
// folder for temporary files, and no shell. (OCI image format, config)
func Image(program []byte, arch string) (v1.Image, error) {
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		files, err := rootFS(program)
		return io.NopCloser(bytes.NewReader(files)), err
	})
	if err != nil {
		return nil, err
	}
	image, err := mutate.Append(empty.Image, mutate.Addendum{Layer: layer, History: v1.History{
		Created: v1.Time{Time: epoch}, CreatedBy: "deploy/image"}})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Architecture, file.OS, file.Created = arch, "linux", v1.Time{Time: epoch}
	file.Config = v1.Config{
		User: user, WorkingDir: dataDir, Entrypoint: []string{"/newsreel"}, Cmd: []string{"--help"},
		Env:     []string{"NEWSREEL_DATA=" + dataDir},
		Volumes: map[string]struct{}{dataDir: {}},
		// A role ends by itself within 30 s of this; see docs/operations.md.
		StopSignal: "SIGTERM",
		Labels: map[string]string{"org.opencontainers.image.title": "newsreel",
			"org.opencontainers.image.licenses": "Apache-2.0"},
	}
	return mutate.ConfigFile(image, file)
}

// rootFS is the image's file system as a tar file.
func rootFS(program []byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	passwd := "newsreel:x:65532:65532:newsreel:/data:/nonexistent\n"
	group := "newsreel:x:65532:\n"
	for _, f := range []struct {
		header tar.Header
		body   []byte
	}{
		{tar.Header{Name: "etc/", Typeflag: tar.TypeDir, Mode: 0o755}, nil},
		{tar.Header{Name: "etc/passwd", Mode: 0o644}, []byte(passwd)},
		{tar.Header{Name: "etc/group", Mode: 0o644}, []byte(group)},
		{tar.Header{Name: dataDir[1:] + "/", Typeflag: tar.TypeDir, Mode: 0o700, Uid: userID, Gid: userID}, nil},
		{tar.Header{Name: spoolDir[1:] + "/", Typeflag: tar.TypeDir, Mode: 0o1777}, nil},
		{tar.Header{Name: "newsreel", Mode: 0o755}, program},
	} {
		f.header.Size, f.header.ModTime, f.header.Format = int64(len(f.body)), epoch, tar.FormatPAX
		if err := w.WriteHeader(&f.header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
