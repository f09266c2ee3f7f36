package runs

import (
	"encoding/json"

	"newsreel/archiver"
	"newsreel/job"
	"newsreel/warc"
)

// ArchiverSettings are those that a run's document asks for. The document is
// the one that the run was started with.
func (k *Keeper) ArchiverSettings(run *job.RunState, version, spoolDir string) archiver.Settings {
	d := run.Document
	document, err := json.Marshal(d.Public())
	if err != nil {
		panic("runs: " + err.Error()) // a document always marshals
	}
	alg := warc.SHA1
	if d.Archive.Digest == "sha256" {
		alg = warc.SHA256
	}
	return archiver.Settings{Collection: d.Collection, Job: run.Job, Run: run.Number, JobHash: d.Hash(),
		Software: "newsreel/" + version, Document: document, RobotsPolicy: d.Politeness.Robots,
		Contact: d.Politeness.Contact, SegmentSize: int64(d.Archive.SegmentSize), SegmentAge: d.Archive.SegmentAge.Std(),
		Dedup: d.Archive.Dedup, DigestAlgorithm: alg, ExtractEnabled: d.Extract.Enabled,
		SpoolDir: spoolDir, Purge: true, Now: k.Now}
}
