package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
)

// dropUnfinished removes the folders of streams and consumers that a killed server
// was making: the description is there, its checksum is not, so that nothing was
// acknowledged. The server skips such a folder when it starts, and as long as the
// description is there it never writes the checksum: a stream made again in it
// would be skipped at each start, and get another time of creation each time.
// Folders that hold messages or a state are left alone.
func dropUnfinished(storeDir string) error {
	root := filepath.Join(storeDir, server.JetStreamStoreDir, "*", "streams", "*")
	for _, kind := range []struct{ folders, content string }{
		{root, filepath.Join("msgs", "*.blk")},
		{filepath.Join(root, "obs", "*"), "o.dat"},
	} {
		folders, err := filepath.Glob(kind.folders)
		if err != nil {
			return err
		}
		for _, folder := range folders {
			if err := dropIfUnfinished(folder, kind.content); err != nil {
				return fmt.Errorf("remove an unfinished stream or consumer: %w", err)
			}
		}
	}
	return nil
}

func dropIfUnfinished(folder, content string) error {
	if _, err := os.Stat(filepath.Join(folder, server.JetStreamMetaFile)); err != nil {
		return ignoreAbsent(err)
	}
	if _, err := os.Stat(filepath.Join(folder, server.JetStreamMetaFileSum)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	held, err := filepath.Glob(filepath.Join(folder, content))
	if err != nil {
		return err
	}
	for _, path := range held {
		if info, err := os.Stat(path); err != nil || info.Size() > 0 {
			return err
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return syncPath(filepath.Dir(folder))
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
