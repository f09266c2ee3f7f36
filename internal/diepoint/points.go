package diepoint

// Point is a place at which a process can be told to die.
type Point struct {
	// Name begins with the step of the work that it belongs to.
	Name string
	// Between says what is done at it and what is not.
	Between string
}

// Points lists all of them, in the order of a page's way.
func Points() []Point {
	return []Point{
		{"begin.run", "the run is recorded; it has no run log"},
		{"begin.log", "the run log is made; no seed is in it"},
		{"begin.seeds", "the seeds are in the run log; the run is not recorded as running"},
		{"claim.lease", "the lease is taken; no partition is claimed"},
		{"claim.done", "the partitions are claimed; nothing of the log is read"},
		{"claim.shared", "partitions are claimed in a cluster; the crawler does not know yet"},
		{"gain.folded", "gained partitions are folded; nothing of them is fetched"},
		{"claim.released", "a partition is released to others; the crawler does not know yet"},
		{"fold.snapshot", "a snapshot is loaded; nothing behind it is folded"},
		{"fold.entry", "an entry of the log is read; it is not folded"},
		{"fetch.before", "a URL is handed out; it is not asked for"},
		{"fetch.done", "an exchange is over; nothing of it is kept"},
		{"fetch.staged", "a large capture is staged; nothing refers to it"},
		{"publish.before", "a batch of pages is made; nothing of it is sent"},
		{"publish.part", "the first message of a batch is sent; the others are not"},
		{"publish.done", "a batch is stored; the crawler does not know yet"},
		{"extract.taken", "a capture is taken for extraction; it is not extracted"},
		{"extract.staged", "a large result is staged; nothing refers to it"},
		{"extract.done", "a page is extracted; its result is not stored"},
		{"extract.stored", "results are stored; their captures are not acknowledged"},
		{"extract.acked", "a capture is acknowledged; its worker does not know yet"},
		{"snapshot.before", "a snapshot is made; it is not stored"},
		{"snapshot.stored", "a snapshot is stored; the log does not name it"},
		{"snapshot.named", "a snapshot is named; the former one is not deleted"},
		{"snapshot.done", "the former snapshot is deleted"},
		{"purge.in", "a partition's discoveries are purged; its log is not"},
		{"purge.log", "a partition's log is purged"},
		{"seal.before", "a segment is full; it is not sealed"},
		{"seal.done", "a segment is sealed; nothing of it is stored"},
		{"upload.begun", "a multipart upload is begun; no part of it is sent"},
		{"upload.part", "a part of an upload is stored; the upload is not complete"},
		{"upload.complete", "all parts are stored; the upload is not complete"},
		{"store.named", "an object has its name; name and folder are not synced"},
		{"upload.warc", "a segment's WARC is stored; its index is not"},
		{"upload.cdxj", "a segment's index is stored; its tables are not"},
		{"upload.captures", "a segment's captures are stored; its articles are not"},
		{"upload.articles", "a segment's articles are stored; its crawl log is not"},
		{"upload.log", "all objects of a segment are stored; its manifest is not made"},
		{"manifest.before", "a manifest is made; it is not stored"},
		{"manifest.stored", "a manifest is stored; the archiver does not know yet"},
		{"purge.before", "a segment is committed; the run log holds it still"},
		{"purge.captures", "archived captures are purged; their results are not"},
		{"purge.done", "captures and results are purged; staged objects are there"},
		{"purge.staged", "a segment's staged objects are deleted"},
		{"idle.staged", "a list of fates is staged; no idle mark names it"},
		{"idle.done", "partitions are marked idle; the crawler does not know yet"},
		{"end.before", "every partition is idle; the end is not set"},
		{"end.set", "the end is set; the crawler does not know yet"},
		{"finish.before", "the end is archived; there is no ledger"},
		{"finish.ledger", "the ledger is stored; the run's record is not"},
		{"finish.record", "the run's record is stored; the run log is there"},
		{"finish.log", "the run log is deleted; its staged objects are there"},
		{"finish.staging", "staged objects are deleted; the job is not marked"},
		{"finish.job", "the job is marked; the summary is not printed"},
		{"stop.crawl", "a stopped crawl has committed; it is not archived"},
		{"stop.flushed", "a stopped crawl is archived; the job is not marked"},
		{"redo.before", "what was extracted again is stored; its manifest is not"},
		{"redo.stored", "the manifest of what was extracted again is stored; the command does not know yet"},
		{"sweep.logs", "a sweep has deleted a finished run's log; its staging is there"},
		{"sweep.found", "a sweep has found lost attempts; it has deleted none"},
		{"sweep.attempts", "a sweep has deleted lost attempts; staging is there"},
		{"sweep.staging", "a sweep has deleted the staging of a log that is gone"},
	}
}
