package frontier

// Standing is how a partition of a run stands for one process.
type Standing struct {
	// Mine says that the newest claim is ours, Fresh that it was made in this
	// term of our lease.
	Mine, Fresh bool
	// Wanted says that the partition falls to us among all that live, Free that
	// it may be claimed: it never was, was released, or its owner's lease ended.
	Wanted, Free bool
	// Here says that its tables are here, or are being filled; Coming that our
	// claim was not read yet.
	Here, Coming bool
	// Retiring says that it hands nothing out any more, Drained that nothing of
	// it is under way.
	Retiring, Drained bool
}

// Step is what a process does about a partition.
type Step int

// Steps.
const (
	Stay    Step = iota
	Claim        // by compare-and-set on the newest claim
	Retire       // hand nothing out any more
	Release      // say that it is given up
	Resume       // hand out again what was to be released
)

// Step decides. The rules that it keeps:
//
//  1. What another holds is claimed only when it is free.
//  2. What falls to another is released only when nothing of it is under way:
//     also where it never came, or a former crawl of this process left it.
//  3. What was held through a lapse of the lease is claimed again, when nothing
//     of it is under way: the claim tells whether another came between.
func (s Standing) Step() Step {
	switch {
	case !s.Mine && s.Wanted && s.Free:
		return Claim
	case !s.Mine:
		return Stay
	case !s.Wanted && !s.Retiring:
		return Retire
	case !s.Wanted && (s.Drained || !s.Here && !s.Coming):
		return Release
	case !s.Wanted, s.Coming:
		return Stay
	case !s.Here:
		return Claim // it was lost on the way here
	case !s.Fresh && s.Drained:
		return Claim
	case !s.Fresh:
		return Stay
	case s.Retiring:
		return Resume
	}
	return Stay
}
